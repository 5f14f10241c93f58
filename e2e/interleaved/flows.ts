/** What can be done with the one card, each flow with what it changes and nothing else. */
import {
  bcdFromNumber,
  type CardChannel,
  concat,
  encodeCommand,
  fromHex,
  parseResponse,
  parseTlv,
  type ResponseApdu,
  SW_6310_MORE_DATA,
  SW_6972_PREAUTH_ALREADY_OPEN,
  SW_9000_SUCCESS,
  swHex,
  tlvMap,
  toHex,
} from '@polycard/bytes';
import {
  AID_ISSUER_DOMAIN,
  AID_PBOC_DEBIT,
  AID_T_UNION_PURSE,
  type CardInterface,
  testIssuerKeys,
} from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import {
  answerOnline,
  CAPP_INDICATOR,
  cappP2,
  checkCryptogram,
  deriveCardKeySet,
  encodeReadCapp,
  encodeUpdateCapp,
  type IssuerKeySet,
  scriptLoad,
  type TransactionObjects,
} from '@polycard/emv';
import { encodeGetStatus, encodeSelect, HostSecureChannel, parseStatusEntries } from '@polycard/globalplatform';
import {
  loadPurse,
  type PurseTapRequest,
  type TapRequest,
  Terminal,
  type TerminalConfiguration,
} from '@polycard/terminal';
import { ISSUER_HOST, purseGate, samSlot } from '../../packages/terminal/test/purse-region.ts';
import {
  BUS,
  COUNTER,
  ENTRY_GATE,
  EXIT_GATE,
  parameters,
  psam,
  recordNamed,
  roots,
} from '../../packages/terminal/test/region.ts';
import { INDUSTRY, useIndustryFiles } from './industry.ts';
import { type Belonging, HOLDER, PIN } from './one-card.ts';

export interface Flow {
  readonly name: string;
  /** The application it speaks with. */
  readonly application: string;
  readonly interfaces: readonly CardInterface[];
  /** Belongings it must change. */
  readonly changes: readonly Belonging[];
  /** Belongings it may change too; every other byte of the card stays. */
  readonly mayChange?: readonly Belonging[];
  /** Throws when the card or the terminal did otherwise than it should. `at` is YYYYMMDDhhmmss. */
  readonly run: (channel: CardChannel, at: string) => void | Promise<void>;
}

const root = (label: string): Uint8Array => roots.get(label)!;
const CARD_KEYS: IssuerKeySet = deriveCardKeySet(
  { algorithm: '3DES', ac: root('imk-ac'), mac: root('imk-mac'), enc: root('imk-enc') },
  { pan: HOLDER.pan, psn: '01' },
);
const random = seededRandom('interleaved terminals');
const sam = samSlot();
const LOADED_FEN = 60_000;

function send(channel: CardChannel, command: Uint8Array): ResponseApdu {
  return parseResponse(channel.transmit(command));
}

function ask(channel: CardChannel, command: Uint8Array | string, what: string): Uint8Array {
  const { sw, data } = send(channel, typeof command === 'string' ? fromHex(command) : command);
  if (sw !== SW_9000_SUCCESS) throw new Error(`${what} was answered ${swHex(sw)}`);
  return data;
}

function select(channel: CardChannel, aid: Uint8Array): void {
  ask(channel, encodeCommand({ cla: 0, ins: 0xa4, p1: 4, p2: 0, data: aid, le: 256 }), 'SELECT');
}

function proved(objects: TransactionObjects, what: string): void {
  if (!checkCryptogram(CARD_KEYS, objects).ok) throw new Error(`the cryptogram of ${what} does not verify`);
}

/** A tap at a gate, validator or counter; the issuer proves its cryptogram. */
function tap(channel: CardChannel, configuration: TerminalConfiguration, request: TapRequest): void {
  const terminal = new Terminal(configuration, parameters, { psam, random, monotonicUs: () => 0, nowMs: () => 0 });
  const outcome = terminal.tap(channel, request);
  if (outcome.result !== 'accepted')
    throw new Error(`${request.kind}: ${JSON.stringify({ ...outcome, exchanges: [] })}`);
  proved((tag) => outcome.entry.clearingData.get(tag), request.kind);
}

/** Whether the metro record says that the card is inside: a missed exit is repaired by entering again. */
function isInside(channel: CardChannel): boolean {
  const { sfi, codec } = recordNamed('metro');
  const id = codec.recordId!;
  select(channel, AID_PBOC_DEBIT);
  const record = ask(channel, encodeReadCapp({ sfi, id: (id[0]! << 8) | id[1]! }), 'READ CAPP DATA');
  return codec.decode(record)['status'] === '01';
}

function metroRide(channel: CardChannel, at: string): void {
  if (!isInside(channel)) tap(channel, ENTRY_GATE, { kind: 'entry', at });
  tap(channel, EXIT_GATE, { kind: 'exit', at });
}

function purseTap(channel: CardChannel, request: PurseTapRequest): void {
  const outcome = purseGate({ sam }).tap(channel, request);
  if (outcome.result !== 'accepted')
    throw new Error(`purse ${request.kind}: ${JSON.stringify({ ...outcome, exchanges: [] })}`);
  const { card, tac, ...rest } = outcome.entry;
  if (!ISSUER_HOST.verifyPurchase(card, rest, tac)) throw new Error(`the TAC of purse ${request.kind} does not verify`);
}

const amount = (fen: number): string => toHex(bcdFromNumber(fen, 6));

/** A transaction with contacts up to the first GENERATE AC, whose cryptogram the issuer proves. */
function contactTransaction(
  channel: CardChannel,
  at: string,
  request: { readonly cash: boolean; readonly amountFen: number; readonly kind: 'TC' | 'ARQC' },
): { atc: number; cryptogram: Uint8Array; cdol: string } {
  const sum = amount(request.amountFen);
  select(channel, AID_PBOC_DEBIT);
  ask(channel, `80A800000B8309${request.cash ? '01' : '00'}${sum}015600`, 'GET PROCESSING OPTIONS');
  for (const record of ['010C', '0114', '0214', '011C', '021C', '031C']) ask(channel, `00B2${record}00`, 'READ RECORD');
  const unpredictable = toHex(random(4));
  const cdol = `${sum}${amount(0)}015600000000000156${at.slice(2, 8)}00${unpredictable}`;
  const p1 = request.kind === 'TC' ? '40' : '80';
  const answer = ask(channel, `80AE${p1}001D${cdol}00`, 'GENERATE AC').subarray(2);
  const [cid, atc, cryptogram, issuerData] = [
    answer[0]!,
    answer.subarray(1, 3),
    answer.subarray(3, 11),
    answer.subarray(11),
  ];
  if (cid !== (request.kind === 'TC' ? 0x40 : 0x80)) throw new Error(`the card decided ${cid.toString(16)}`);
  const objects = new Map<string, Uint8Array>(
    [
      ...([
        ['9F02', sum],
        ['9F03', amount(0)],
        ['9F1A', '0156'],
        ['95', '0000000000'],
        ['5F2A', '0156'],
      ] as const),
      ...([
        ['9A', at.slice(2, 8)],
        ['9C', '00'],
        ['9F37', unpredictable],
        ['82', '7C00'],
      ] as const),
      ...([
        ['9F36', toHex(atc)],
        ['9F26', toHex(cryptogram)],
        ['9F10', toHex(issuerData)],
      ] as const),
    ].map(([tag, hex]) => [tag, fromHex(hex)] as const),
  );
  proved((tag) => objects.get(tag), 'GENERATE AC');
  return { atc: (atc[0]! << 8) | atc[1]!, cryptogram: cryptogram.slice(), cdol };
}

/** Online: issuer authentication, the load as a script, the second GENERATE AC. */
function loadCash(channel: CardChannel, at: string): void {
  const { atc, cryptogram, cdol } = contactTransaction(channel, at, { cash: false, amountFen: 0, kind: 'ARQC' });
  const online = answerOnline(CARD_KEYS, { atc, arqc: cryptogram }, '00');
  const { issuerAuthenticationData } = online;
  ask(channel, concat(fromHex('008200000A'), issuerAuthenticationData), 'EXTERNAL AUTHENTICATE');
  ask(channel, scriptLoad(online.script, LOADED_FEN), 'PUT DATA');
  ask(channel, `80AE40001F3030${cdol}00`, 'second GENERATE AC');
  const balance = toHex(ask(channel, '80CA9F7900', 'GET DATA 9F79').subarray(3));
  if (balance !== amount(LOADED_FEN)) throw new Error(`the balance after the load is ${balance}`);
}

/** A transaction on the bus record that rewrites it as it is: pre-authorisation or its completion. */
function reserve(channel: CardChannel, at: string, indicator: number, amountFen: number): 'done' | 'open already' {
  const { sfi, codec, managementKey } = recordNamed('bus');
  const id = codec.recordId!;
  select(channel, AID_PBOC_DEBIT);
  const record = ask(channel, encodeReadCapp({ sfi, id: (id[0]! << 8) | id[1]! }), 'READ CAPP DATA');
  const values = `28000080${amount(amountFen)}${amount(0)}015600000000000156${at.slice(2, 8)}00${toHex(random(4))}`;
  const data = `${values}${at.slice(8)}${indicator.toString(16).padStart(2, '0')}`;
  const answer = send(channel, fromHex(`80A80000${length(data, 2)}83${length(data)}${data}00`));
  if (answer.sw === SW_6972_PREAUTH_ALREADY_OPEN) return 'open already';
  if (answer.sw !== SW_9000_SUCCESS) throw new Error(`GET PROCESSING OPTIONS was answered ${swHex(answer.sw)}`);
  const atc = Buffer.from(tlvMap(parseTlv(answer.data)).get('9F36')!).readUInt16BE();
  const p2 = cappP2(sfi);
  const mac = psam.updateMac(managementKey, HOLDER, { atc, p2, record });
  ask(channel, encodeUpdateCapp(p2, record, mac), 'UPDATE CAPP DATA CACHE');
  ask(channel, '00B2031C00', 'last READ RECORD');
  return 'done';
}

const length = (hex: string, more = 0): string => (hex.length / 2 + more).toString(16).padStart(2, '0');

/** An update under a wrong MAC is refused, and the transaction ends without it. */
function forgedUpdate(channel: CardChannel, at: string): void {
  const { sfi, codec } = recordNamed('metro');
  select(channel, AID_PBOC_DEBIT);
  const values = `28000080${amount(0)}${amount(0)}015600000000000156${at.slice(2, 8)}00${toHex(random(4))}${at.slice(8)}01`;
  ask(channel, `80A80000${length(values, 2)}83${length(values)}${values}00`, 'GET PROCESSING OPTIONS');
  const { sw } = send(channel, encodeUpdateCapp(cappP2(sfi), codec.initial(), fromHex('00000000')));
  if (sw !== 0x6988) throw new Error(`a forged update was answered ${swHex(sw)}`);
}

function offlinePin(channel: CardChannel): void {
  select(channel, AID_PBOC_DEBIT);
  const verify = (pin: string): string => swHex(send(channel, fromHex(`002000800824${pin}FFFFFFFFFF`)).sw);
  const answers = [verify(PIN), verify('9999'), verify(PIN)];
  if (answers.join() !== '9000,63C2,9000') throw new Error(`VERIFY was answered ${answers.join(', ')}`);
}

async function domainStatus(channel: CardChannel): Promise<void> {
  ask(channel, encodeCommand(encodeSelect(AID_ISSUER_DOMAIN)), 'SELECT of the issuer domain');
  const keys = testIssuerKeys(3).keys;
  const session = await HostSecureChannel.open(channel, { keys: () => keys, random });
  const listed: string[] = [];
  let sw: number = SW_6310_MORE_DATA;
  for (let page = 0; sw === SW_6310_MORE_DATA; page++) {
    const answer = await session.send(encodeGetStatus('applications', new Uint8Array(0), page > 0));
    listed.push(...parseStatusEntries(answer.data).map(({ aid }) => toHex(aid)));
    sw = answer.sw;
  }
  const wanted = [...[AID_PBOC_DEBIT, AID_T_UNION_PURSE].map(toHex), ...INDUSTRY.map(({ aid }) => aid)];
  if (sw !== SW_9000_SUCCESS || !wanted.every((aid) => listed.includes(aid)))
    throw new Error(`GET STATUS was answered ${swHex(sw)} with ${listed.join(', ')}`);
}

function loadPurseAtCounter(channel: CardChannel, at: string): void {
  const outcome = loadPurse(channel, {
    ...{ aid: AID_T_UNION_PURSE, pin: fromHex('123456'), keyIndex: 1, amountFen: 400, at },
    terminal: fromHex('000000000009'),
    authorise: (request) => ISSUER_HOST.authoriseLoad(request),
  });
  if (outcome.result !== 'loaded') throw new Error(`purse load: ${JSON.stringify(outcome)}`);
}

const financial = { application: 'financial', interfaces: ['contactless'] } as const;
const contact = { application: 'financial', interfaces: ['contact'] } as const;
const purse = { application: 'purse', interfaces: ['contactless', 'contact'] } as const;
/** Makes whole what a broken transaction with contacts leaves pending, as the next visit to a bank does. */
export const REPAIR: Flow = { ...contact, name: 'online load', changes: ['payment'], run: loadCash };
const RIDE = ['payment', 'combined-ride', 'trip'];

export const FLOWS: readonly Flow[] = [
  { ...financial, name: 'metro ride', changes: [...RIDE, 'metro'], run: metroRide },
  {
    ...financial,
    name: 'metro entry',
    changes: ['payment', 'metro'],
    run: (channel, at) => tap(channel, ENTRY_GATE, { kind: 'entry', at }),
  },
  {
    ...financial,
    name: 'bus ride',
    changes: [...RIDE, 'bus'],
    run: (channel, at) => tap(channel, BUS, { kind: 'boarding', at, declaredBaseFen: 200 }),
  },
  {
    ...financial,
    name: 'counter visit',
    changes: ['payment', 'combined-ride'],
    run: (channel, at) => tap(channel, COUNTER, { kind: 'counter', at, combinedRide: { mode: 'bus', at } }),
  },
  {
    ...financial,
    name: 'pre-authorisation and completion',
    changes: ['payment'],
    run: (channel, at) => {
      // one that a broken flow left open is completed, as its owner would
      reserve(channel, at, CAPP_INDICATOR.preAuthorisation, 500);
      reserve(channel, at, CAPP_INDICATOR.completion, 300);
    },
  },
  { ...financial, name: 'forged update', changes: ['payment'], run: forgedUpdate },
  {
    ...contact,
    name: 'electronic cash with contacts',
    changes: ['payment'],
    run: (channel, at) => void contactTransaction(channel, at, { cash: true, amountFen: 150, kind: 'TC' }),
  },
  REPAIR,
  { ...contact, name: 'offline PIN', changes: [], mayChange: ['payment'], run: offlinePin },
  {
    ...purse,
    name: 'purse metro ride',
    changes: ['purse'],
    run: (channel, at) => {
      purseTap(channel, { kind: 'entry', at });
      purseTap(channel, { kind: 'exit', at, fareFen: () => 300 });
    },
  },
  {
    ...purse,
    name: 'purse bus ride',
    changes: ['purse'],
    run: (channel, at) => purseTap(channel, { kind: 'boarding', at, fareFen: () => 200 }),
  },
  { ...purse, name: 'purse load', changes: ['purse'], run: loadPurseAtCounter },
  ...INDUSTRY.map(
    (specification): Flow => ({
      ...{ application: specification.label, interfaces: ['contactless', 'contact'] },
      name: `${specification.label}: every file`,
      changes: [specification.label],
      run: (channel, at) => useIndustryFiles(specification, channel, at),
    }),
  ),
  {
    application: 'issuer domain',
    interfaces: ['contactless', 'contact'],
    name: 'status over SCP03',
    changes: ['issuer domain'], // the sequence counter of its pseudo-random challenges
    run: (channel) => domainStatus(channel),
  },
];
