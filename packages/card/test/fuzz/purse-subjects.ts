/** The purse under fuzz. */
import { fromHex } from '@polycard/bytes';
import { openedPurse, tripRecord } from '../purse-card.ts';
import type { FuzzSubject } from './fuzz.ts';

const PURSE = 'A000000632010105';

/** Commands of every kind a purse knows, as a terminal sends them. */
export function recordedCommands(): Uint8Array[] {
  const commands: Uint8Array[] = [];
  const host = openedPurse({ depositFen: 100, secondTicketFen: 100 });
  const { card } = host;
  const transmit = card.transmit.bind(card);
  card.transmit = (command) => {
    commands.push(command);
    return transmit(command);
  };
  host.verify();
  host.cappPurchase(1, 1);
  host.debit(host.initialize(0x01, 1), 1, { type: 6 });
  host.load(5);
  host.unload(5);
  host.setOverdraft(10);
  host.balance();
  host.prove(9, 6);
  host.send('805E0100 07 123456 FF 123456');
  host.send('805E0000 07 111111 00000000');
  host.protect('04D69508', fromHex('03'));
  host.protect('04D69600', fromHex('0102'), { encipher: true });
  host.protect('04E200D0', tripRecord(0x2703, 0));
  host.protect('04DC03D4', tripRecord(0x2703, 1));
  host.protect('84240001', fromHex('123456'), { key: 'unblock', encipher: true });
  for (const read of ['00B095001E', '00B201D400', '00B201F400', '00B201C417', '00B202D000']) host.send(read);
  host.protect('841E0000', new Uint8Array(0));
  host.protect('84180000', new Uint8Array(0));
  return commands;
}

/** A refused command changes nothing but the counters of tries. */
const COUNTS_TRIES = /(63C.|6983|9303|6988|6A80)$/;

export function purseSubjects(): FuzzSubject[] {
  return [
    {
      ...{ name: 'electronic purse', interface: 'contactless', aid: PURSE, seeds: recordedCommands() },
      start: openedPurse({ depositFen: 100, secondTicketFen: 100 }).card.snapshot(),
      objection: ({ answer, registry, applications }) => {
        if (registry || applications.some((aid) => aid !== PURSE)) return 'changed another application';
        return answer.endsWith('9000') || COUNTS_TRIES.test(answer) ? undefined : 'a change by a refused command';
      },
      commandsPerChange: 200,
    },
  ];
}
