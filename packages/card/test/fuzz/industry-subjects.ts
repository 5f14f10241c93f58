/** The industry file applications of one card under fuzz. */
import { concat, fromHex } from '@polycard/bytes';
import { checkValue } from '@polycard/crypto';
import { cardKey, IndustryHost, industryCard, SPECIFICATIONS, type SpecificationName } from '../industry-card.ts';
import type { FuzzSubject } from './fuzz.ts';

const names = Object.keys(SPECIFICATIONS) as SpecificationName[];
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(1);

/** Commands of every kind, as terminals and hosts send them. */
export function recordedIndustryCommands(): Uint8Array[] {
  const commands: Uint8Array[] = [];
  const card = industryCard();
  const transmit = card.transmit.bind(card);
  card.transmit = (command) => {
    commands.push(command);
    return transmit(command);
  };
  for (const name of names) {
    const host = new IndustryHost(card, name);
    host.select();
    host.verify();
    host.mutual(0x03);
    host.authenticate(0x04);
    host.send('80100001');
    host.protect('04D68400', bytes(8), { enc: true });
    host.protect('04D68B00', bytes(8), { enc: true });
    host.protect('04DC0164', bytes(1), { enc: true });
    host.protect('04E20028', bytes(96), { enc: true });
    host.protect('04E20040', bytes(32), { enc: true });
    host.protect('84100002', new Uint8Array(0));
    host.protect('0CB08600', new Uint8Array(0), { enc: true });
    host.protect('04B08200', Uint8Array.of(8));
    for (const read of ['00B0860036', '00B2012C35', '00A4000002EF07', '00B0010010', '00B2016C00']) host.send(read);
    host.send('0024000110 26123456FFFFFFFF 26123456FFFFFFFF');
    host.protect('842C0001', fromHex('26123456FFFFFFFF'), { key: 0x0a, enc: true });
    const fresh = cardKey(host.spec, 0x03);
    host.protect('84D40103', concat(fresh, Uint8Array.of(1), checkValue(host.spec.algorithm, fresh)), {
      key: 0x02,
      enc: true,
    });
    host.protect('84040000', new Uint8Array(0), { key: 0x02 });
    host.protect('84440001', new Uint8Array(0), { key: 0x02 });
  }
  return commands;
}

/** A refused command changes nothing but the counters of tries. */
const COUNTS_TRIES = /(63C.|6983|6988|6A80|6700|6A8.)$/;

export function industrySubjects(): FuzzSubject[] {
  const industries = Object.values(SPECIFICATIONS).map(({ aid }) => aid);
  const start = industryCard().snapshot();
  const seeds = recordedIndustryCommands();
  return names.map((name) => ({
    ...{
      name: `industry files, ${name}`,
      interface: 'contactless' as const,
      aid: SPECIFICATIONS[name].aid,
      start,
      seeds,
    },
    objection: ({ answer, registry, applications }) => {
      // the commands among the seeds that select go from one industry to another
      const [changed, ...more] = applications;
      if (registry || more.length > 0 || !industries.includes(changed!)) return 'changed another application';
      return answer.endsWith('9000') || COUNTS_TRIES.test(answer) ? undefined : 'a change by a refused command';
    },
    commandsPerChange: 400,
  }));
}
