/**
 * One card with every application: the financial one on both interfaces with the blueprint's extended files, the
 * industry file applications, a T-Union purse, the issuer's domain. And which of its bytes belong to whom.
 */
import { encodeTlv, encodeTlvs, fromHex, toHex } from '@polycard/bytes';
import {
  AID_PBOC_DEBIT,
  AID_PPSE,
  AID_T_UNION_PURSE,
  type CardSnapshot,
  type DataGrouping,
  personalise,
  testIssuerKeys,
  type VirtualCard,
} from '@polycard/card';
import { DEFAULT_PROTOCOL } from '@polycard/globalplatform';
import { purseGroupings } from '../../packages/card/test/purse-card.ts';
import { PERSONALISATION_KEY, personalisedCard } from '../../packages/terminal/test/personalised-card.ts';
import { ISSUED_KEYS } from '../../packages/terminal/test/purse-region.ts';
import { files, keyOfCard, recordNamed, recordNames } from '../../packages/terminal/test/region.ts';
import { INDUSTRY, issuedGroupings } from './industry.ts';

export const HOLDER = { pan: '6228480000000011', homeCityCode: '5840' } as const;
export const PIN = '1234';
/** PDOL and CDOLs of the contact interface. */
export const PDOL_CONTACT = '9F7A019F02065F2A02';
const CDOL1 = '9F02069F03069F1A0295055F2A029A039C019F3704';
const AIP = '7C00';
const AFL_CONTACT = '080101001001020118010300';
const ISSUER_DATA = '07010103000000010A01000000000000000000';
const RECORD_HEADER_BYTES = 18;
const CYCLIC_HEADER_BYTES = 20;

const objects = (list: readonly (readonly [tag: string, hex: string])[]): Uint8Array =>
  encodeTlvs(list.map(([tag, hex]) => [tag, fromHex(hex)] as const));

/** What lets the financial application work with contacts: debit/credit and electronic cash, with an offline PIN. */
function contactGroupings(): DataGrouping[] {
  const options = objects([
    ['82', AIP],
    ['94', AFL_CONTACT],
  ]);
  const fci = encodeTlvs([
    ['50', Buffer.from('PBOC DEBIT', 'latin1')],
    ['9F38', fromHex(PDOL_CONTACT)],
    ['BF0C', objects([['9F4D', '0B0A']])],
  ]);
  const risk = objects([
    ['8C', CDOL1],
    ['8D', `8A02${CDOL1}`],
  ]);
  return [
    { dgi: '0202', data: encodeTlv('70', risk) },
    { dgi: '9102', data: encodeTlv('A5', fci) },
    { dgi: '9104', data: options },
    { dgi: '9203', data: options },
    { dgi: '9200', data: objects([['9F10', ISSUER_DATA]]) },
    { dgi: '8010', data: fromHex(`${PIN}FFFFFFFF0000`) },
    { dgi: '9010', data: fromHex('0303') },
  ];
}

export function issueOneCard(): VirtualCard {
  const card = personalisedCard({
    ...HOLDER,
    groupings: contactGroupings(),
    chip: {
      applications: [
        { module: 'purse', aid: AID_T_UNION_PURSE },
        ...INDUSTRY.map(({ aid }) => ({ module: 'industry-files' as const, aid: fromHex(aid) })),
      ],
      issuerKeys: testIssuerKeys(3),
      protocol: DEFAULT_PROTOCOL[3],
    },
  });
  const purse = purseGroupings({ freshRides: true, balanceFen: 50_000, keys: ISSUED_KEYS });
  personalise(card, AID_T_UNION_PURSE, purse, PERSONALISATION_KEY);
  for (const specification of INDUSTRY)
    personalise(card, fromHex(specification.aid), issuedGroupings(specification), PERSONALISATION_KEY);
  card.reset();
  return card;
}

/** Names of what belongs together on the card: each industry record, the payment, the purse, the issuer's domain. */
export type Belonging = string;

/** Every byte of the card under exactly one name. */
export function belongingsOf(snapshot: CardSnapshot): Map<Belonging, string> {
  const found = new Map<Belonging, string>();
  for (const [aid, application] of Object.entries(snapshot.applications)) {
    if (aid !== toHex(AID_PBOC_DEBIT)) {
      found.set(nameOf(aid), JSON.stringify(application));
      continue;
    }
    const { memory, ...rest } = application;
    const bytes = Buffer.from(memory!.bytes, 'base64');
    for (const [name, start, end] of recordsIn(bytes)) {
      found.set(name, bytes.subarray(start, end).toString('hex'));
      bytes.fill(0, start, end);
    }
    found.set('payment', JSON.stringify({ ...rest, journal: memory!.journal, bytes: bytes.toString('hex') }));
  }
  const { applications: _applications, interface: _interface, ...chip } = snapshot;
  found.set('issuer domain', JSON.stringify(chip));
  return found;
}

function nameOf(aid: string): Belonging {
  if (aid === toHex(AID_T_UNION_PURSE)) return 'purse';
  if (aid === toHex(AID_PPSE)) return 'directory';
  return INDUSTRY.find((specification) => specification.aid === aid)?.label ?? aid;
}

/** Where the extended records lie in the memory of the financial application: found by their management keys. */
function recordsIn(memory: Buffer): (readonly [name: string, start: number, end: number])[] {
  return recordNames.map((name) => {
    const { codec, managementKey } = recordNamed(name);
    const key = Buffer.from(keyOfCard(managementKey, HOLDER));
    const file = files.findIndex(({ records }) => records.some((record) => record.name === name));
    for (let at = memory.indexOf(key); at >= 0; at = memory.indexOf(key, at + 1)) {
      const start = at - 2;
      if (memory[start] !== file || memory[start + 1] !== codec.lengthBytes) continue;
      const { type, recordsMax = 10 } = files[file]!;
      const length =
        type === 'cyclic'
          ? CYCLIC_HEADER_BYTES + recordsMax * codec.lengthBytes
          : RECORD_HEADER_BYTES + codec.lengthBytes;
      return [name, start, start + length] as const;
    }
    throw new Error(`the card has no record ${name}`);
  });
}

export function changesBetween(before: CardSnapshot, after: CardSnapshot): Belonging[] {
  const [old, now] = [belongingsOf(before), belongingsOf(after)];
  const names = new Set([...old.keys(), ...now.keys()]);
  return [...names].filter((name) => old.get(name) !== now.get(name)).sort();
}
