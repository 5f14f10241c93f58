/** Industry file applications under fuzz: as terminals send commands, behind a right MAC, and before they are opened. */
import { concat, encodeCommand, fromHex } from '@polycard/bytes';
import { checkValue } from '@polycard/crypto';
import { encipherIndustry, industryCommandMac } from '@polycard/emv';
import type { VirtualCard } from '../../src/index.ts';
import { cardKey, IndustryHost, industryCard, SPECIFICATIONS, type SpecificationName } from '../industry-card.ts';
import { type FuzzSubject, parsable, type Session } from './fuzz.ts';

const names = Object.keys(SPECIFICATIONS) as SpecificationName[];
const INDUSTRIES: readonly string[] = Object.values(SPECIFICATIONS).map(({ aid }) => aid);
const NONE = new Uint8Array(0);
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(1);

/** Commands of every kind, as terminals and hosts send them to one application. */
export function industryCommands(name: SpecificationName): Uint8Array[] {
  const commands: Uint8Array[] = [];
  const card = industryCard();
  const transmit = card.transmit.bind(card);
  card.transmit = (command) => {
    commands.push(command);
    return transmit(command);
  };
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
  host.protect('84100002', NONE);
  host.protect('0CB08600', NONE, { enc: true });
  host.protect('04B08200', Uint8Array.of(8));
  for (const read of ['00B0860036', '00B2012C35', '00A4000002EF07', '00B0010010', '00B2016C00']) host.send(read);
  host.send('0024000110 26123456FFFFFFFF 26123456FFFFFFFF');
  host.protect('842C0001', fromHex('26123456FFFFFFFF'), { key: 0x0a, enc: true });
  const fresh = cardKey(host.spec, 0x03);
  const version = concat(fresh, Uint8Array.of(1), checkValue(host.spec.algorithm, fresh));
  host.protect('84D40103', version, { key: 0x02, enc: true });
  host.protect('84040000', NONE, { key: 0x02 });
  host.protect('84440001', NONE, { key: 0x02 });
  return commands;
}

/** Commands without protection: the session adds it. */
const PLAIN = [
  ...['04D6840008 0101010101010101', '04D68B0008 0202020202020202', '04DC016401 00', '04DC016CC8', '04D68C0002 0303'],
  ...[
    '0CB0860001 36',
    '04B0820001 10',
    '04B2012C00',
    '80100001',
    '8410000200',
    '0CB2016C00',
    '00B0860036',
    '00B2014400',
  ],
  ...['00200001 08 26123456FFFFFFFF', '00A4000002EF07', '04D6000008 0404040404040404'],
].map((command) => command.replaceAll(' ', ''));
const LONG = [
  `04E2002860${'11'.repeat(96)}`,
  `04E2004020${'22'.repeat(32)}`,
  `04DC016CC8${'33'.repeat(200)}`,
  `04D6870060${'44'.repeat(96)}`,
];

/** Authenticated, and with a right MAC on whatever comes: mutations get behind the checks. */
function protectedSession(name: SpecificationName): (card: VirtualCard) => Session {
  return (card) => {
    const host = new IndustryHost(card, name);
    host.select();
    host.verify();
    host.mutual(0x03);
    host.authenticate(0x04);
    return (plain) => {
      const command = parsable(plain);
      if (command === undefined || (command.cla & 0x04) === 0 || command.data.length > 200) return plain;
      const { cla, ins, p1, p2, data } = command;
      const challenge = host.challenge();
      if (challenge.length !== 8) return undefined;
      const key = host.key(0x07);
      const isRead = ins === 0xb0 || ins === 0xb2;
      const isEnciphered = data.length > 0 && (cla === 0x0c || (!isRead && ins !== 0x10));
      const body = isEnciphered ? encipherIndustry(key, challenge, data) : data;
      const mac = industryCommandMac(key, challenge, Uint8Array.of(cla, ins, p1, p2), body);
      return encodeCommand({ cla, ins, p1, p2, data: concat(body, mac) });
    };
  };
}

/** A refused command changes nothing but the counters of tries. */
const COUNTS_TRIES = /(63C.|6983|6988|6A80|6700|6A8.|6B00)$/;

function subject(
  name: SpecificationName,
  given: Pick<FuzzSubject, 'name' | 'seeds' | 'commandsPerChange'> & Partial<FuzzSubject>,
): FuzzSubject {
  const { aid } = SPECIFICATIONS[name];
  return {
    ...{ interface: 'contactless', aid, start: industryCard().snapshot() },
    objection: ({ answer, registry, applications }) => {
      // a mutated SELECT may go from one industry to another, a command never changes two
      const [changed, ...more] = applications;
      if (registry || more.length > 0 || !INDUSTRIES.includes(changed!)) return 'changed another application';
      return answer.endsWith('9000') || COUNTS_TRIES.test(answer) ? undefined : 'a change by a refused command';
    },
    ...given,
  };
}

export function industrySubjects(): FuzzSubject[] {
  const behindMac = [...PLAIN, ...LONG].map(fromHex);
  return [
    ...names.map((name) =>
      subject(name, { name: `industry files, ${name}`, seeds: industryCommands(name), commandsPerChange: 400 }),
    ),
    ...names.map((name) =>
      subject(name, {
        ...{ name: `industry files, ${name}, with a right MAC`, seeds: behindMac, commandsPerChange: 100 },
        openSession: protectedSession(name),
      }),
    ),
    subject('health', {
      ...{ name: 'industry files, dormant', seeds: industryCommands('health'), commandsPerChange: 0 },
      start: industryCard({ dormant: true }).snapshot(),
      // a wrong MAC of ACTIVATE is a try of the activation key
      objection: ({ answer }) =>
        /(6988|6983)$/.test(answer) ? undefined : 'a change of an application that is not open',
    }),
  ];
}
