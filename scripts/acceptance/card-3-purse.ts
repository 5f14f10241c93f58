/**
 * V6, V7 and the line protection of reference pboc.md §8 as a purse card and a PSAM card answer them, and the vectors of
 * industries.md §0.8 as an industry file application takes them. Randoms are the vectors' own.
 */
import { concat, fromHex, parseResponse, toHex } from '@polycard/bytes';
import { personalise, VirtualCard } from '@polycard/card';
import { type IndustryFileSpecification, industryFileGroupings } from '@polycard/emv';
import { PsamCardClient, type PsamPurchase } from '@polycard/terminal';
import { WATER } from '../../packages/card/test/industry-card.ts';
import { openedPurse } from '../../packages/card/test/purse-card.ts';
import { ISSUER, SERIAL, samSlot } from '../../packages/terminal/test/purse-region.ts';
import { type Findings, figure } from './item.ts';

export const PURSE_PLANTS = ['purse-vector'] as const;

const fixed = (hex: string) => (lengthBytes: number) => fromHex(hex).subarray(0, lengthBytes);

function purseCard(plant: string | undefined): (readonly [what: string, found: string, expected: string])[] {
  const random = fixed(plant === 'purse-vector' ? 'A1B2C3D5' : 'A1B2C3D4');
  const send = (host: ReturnType<typeof openedPurse>, command: string): string => {
    const { data, sw } = host.send(command);
    return `${toHex(data)} ${sw}`;
  };
  const purchase = openedPurse({ random });
  purchase.initialize(0x01, 0xc8);
  const capp = openedPurse({ random });
  capp.initialize(0x03, 0xc8);
  const load = openedPurse({ random });
  load.verify();
  const opened = send(load, '805000020B 01 00001388 000000000001 10');
  const blocked = openedPurse({ random: fixed('11223344') });
  blocked.send('0084000004');
  return [
    [
      'purchase type 06, TAC and MAC2',
      send(purchase, '805401000F 00000123 20250101120000 BDD514C6 08'),
      'A7FE2B1BD9B4C92C 9000',
    ],
    [
      'CAPP purchase type 09, TAC and MAC2',
      send(capp, '805401000F 00000123 20250101120000 E8BB888B 08'),
      '15056871D9B4C92C 9000',
    ],
    ['load, balance to MAC1', opened, '000003E800030100A1B2C3D4B297DFE2 9000'],
    ['load, TAC', send(load, '805200000B 20250101120000 4A88D3D6 04'), '8BFD7B05 9000'],
    ['APPLICATION BLOCK', send(blocked, '841E000004 BA717E41'), ' 9000'],
  ];
}

function psamCard(): (readonly [what: string, found: string, expected: string])[] {
  const client = new PsamCardClient(samSlot({ transactions: 0x122 }));
  client.open();
  const at = fromHex('20250101120000');
  const purchase: PsamPurchase = {
    ...{ random: fromHex('A1B2C3D4'), offlineSequence: 5, amountFen: 0xc8, type: 0x09, at },
    ...{ keyVersion: 1, algorithmId: 0, factorsTopDown: [ISSUER, SERIAL] },
  };
  const { terminalSequence, mac1 } = client.initPurchase(purchase);
  return [
    ['PSAM, terminal sequence and MAC1 of type 09', toHex(concat(terminalSequence, mac1)), '00000123E8BB888B'],
    ['PSAM, MAC2 accepted', String(client.credit(fromHex('D9B4C92C'))), 'true'],
  ];
}

/** A card whose challenge is the vectors' R and whose keys are those of §0.8. */
function industryCard(spec: IndustryFileSpecification, keys: Readonly<Record<number, string>>): VirtualCard {
  const key = fromHex('404142434445464748494A4B4C4D4E4F');
  const aid = fromHex(spec.aid);
  const random = fixed('1122334455667788');
  const card = new VirtualCard({ random, personalisationKey: key, applications: [{ module: 'industry-files', aid }] });
  const cardKeys = new Map(Object.entries(keys).map(([reference, value]) => [Number(reference), fromHex(value)]));
  const serial = fromHex('00004401000000012345');
  personalise(card, aid, industryFileGroupings(spec, { serial, keys: cardKeys, state: 'active' }), key);
  card.transmit(fromHex(`00A4040007${spec.aid}00`));
  return card;
}

function industryFiles(): (readonly [what: string, found: string, expected: string])[] {
  const free = { anyOf: [[{ kind: 'enc', key: 7 } as const]] };
  const openForLine = (spec: IndustryFileSpecification): IndustryFileSpecification => ({
    ...spec,
    files: spec.files.map((file) => ({
      ...file,
      access: { ...file.access, read: { anyOf: [[{ kind: 'free' }]] }, update: free },
    })),
  });
  const transmit = (card: VirtualCard, command: string): string => {
    const { data, sw } = parseResponse(card.transmit(fromHex(command)));
    return `${toHex(data)} ${sw.toString(16).toUpperCase()}`;
  };
  const readKey = industryCard(WATER, { 3: '61EE38F8A2279725E488D13657A2D61C' });
  transmit(readKey, '0084000008');
  const water = industryCard(openForLine(WATER), { 7: '2E04CBD17142E2A0B34A370C664CB072' });
  transmit(water, '0084000008');
  const update =
    '04D6840034 EE122E134375DBBA18F7E65D0C3939D6FC2980C7BE94C4BB989D8F49198A584BF90B5532B7694B166D500D8F8EEF2BBE 670E8CB1';
  const order =
    '202611010000004200070000' +
    '4E20' +
    '00000000' +
    '00000001E208' +
    '20261101103000' +
    '010002' +
    '0000' +
    '3E5FF1AD';
  return [
    ['industry EXTERNAL AUTHENTICATE', transmit(readKey, '0082000311 D64E97C0B9C7F24D A1B2C3D4E5F60718 01'), ' 9000'],
    ['industry enciphered order', transmit(water, update), ' 9000'],
    ['industry order as stored', transmit(water, '00B0840028'), `${order} 9000`],
  ];
}

export function purseVectors(plant: string | undefined, findings: Findings): void {
  const all = [...purseCard(plant), ...psamCard(), ...industryFiles()];
  for (const [what, found, expected] of all) findings.equal(found, expected, what);
  figure('vectors answered by purse, PSAM, industry files', all.length);
}
