/**
 * Cards personalised over SCP03 from a blank card to a secured one, the card's own speed, and what a metro exit costs
 * on the air.
 */
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { DEFAULT_PROTOCOL, diversifyKeys, personaliseCard, secureCard } from '@polycard/globalplatform';
import { ENTRY_GATE, EXIT_GATE, openSmallSite } from '../e2e/small-site.ts';
import { recordedApplications } from '../packages/card/test/issuer.ts';
import { personalisedCard } from '../packages/card/test/transcript-card.ts';
import { airTimeMs, BIT_RATES, type Dialogue, framesOfDialogue } from './air-time.ts';
import { shareInCrypto } from './crypto-share.ts';
import type { Figure } from './figure.ts';
import { signaturesPerSecond } from './taps.ts';

const CARDS = 150;
const WARM_UP_CARDS = 30;
const EXITS = 500;

/** The issuer's master keys; each card has its own by KDF3. */
const MASTER = { enc: new Uint8Array(16).fill(1), mac: new Uint8Array(16).fill(2), dek: new Uint8Array(16).fill(3) };
const random = seededRandom('bench personalisation');

async function personaliseOne(): Promise<number> {
  const chipId = random(10).slice();
  const issuerKeys = { version: 0x30, keys: diversifyKeys('kdf3', MASTER, chipId) };
  const card = new VirtualCard({ random, blank: true, protocol: DEFAULT_PROTOCOL[3], chipId, issuerKeys });
  let commands = 0;
  const channel = {
    transmit: (command: Uint8Array) => {
      commands++;
      return card.transmit(command);
    },
  };
  const options = {
    ...{ random, scp: 3 as const, level: 0x33 },
    keys: (said: { diversificationData: Uint8Array }) => diversifyKeys('kdf3', MASTER, said.diversificationData),
  };
  await personaliseCard(channel, recordedApplications(), options);
  await secureCard(channel, options);
  return commands;
}

async function cardsPerSecond(one: () => Promise<unknown>): Promise<number> {
  for (let index = 0; index < WARM_UP_CARDS; index++) await one();
  const started = process.hrtime.bigint();
  for (let index = 0; index < CARDS; index++) await one();
  return CARDS / (Number(process.hrtime.bigint() - started) / 1e9);
}

async function personalisationFigures(): Promise<Figure[]> {
  const rate = await cardsPerSecond(personaliseOne);
  const short = await cardsPerSecond(async () => personalisedCard());
  const share = await shareInCrypto(async () => {
    for (let index = 0; index < CARDS; index++) await personaliseOne();
  });
  const commands = await personaliseOne();
  const limitName = 'the short way, without a secure channel';
  return [
    {
      name: `cards personalised over SCP03, ${commands} commands each`,
      unit: 'cards/s',
      value: rate,
      limit: short,
      limitName,
    },
    { name: 'share of it spent in cryptography', unit: '%', value: share * 100, limit: 100, limitName: 'all of it' },
    { name: 'commands of a personalisation', unit: 'APDUs/s', value: rate * commands },
  ];
}

/** One metro exit after another on the same state of a card, seen from the card. */
async function exitFigures(): Promise<Figure[]> {
  const site = await openSmallSite({ cards: 1, seed: 'bench' });
  try {
    const start = VirtualCard.restore(site.cards[0]!.snapshot, { random });
    const [entry, exit] = [site.terminals[ENTRY_GATE]!.terminal!, site.terminals[EXIT_GATE]!.terminal!];
    entry.tap(start, { kind: 'entry', at: '20180901080000' });
    const inside = start.snapshot();
    const exchanges: (readonly [number, number])[] = [];
    let [count, nanoseconds] = [0, 0];
    for (let index = 0; index < EXITS; index++) {
      const rider = VirtualCard.restore(inside, { random });
      const channel = {
        transmit: (command: Uint8Array) => {
          const started = process.hrtime.bigint();
          const response = rider.transmit(command);
          nanoseconds += Number(process.hrtime.bigint() - started);
          count++;
          if (index === 0) exchanges.push([command.length, response.length]);
          return response;
        },
      };
      const outcome = exit.tap(channel, { kind: 'exit', at: '20180901083000' });
      if (outcome.result !== 'accepted') throw new Error(outcome.result);
      exit.journal.uploaded(outcome.entry);
    }
    return [
      {
        ...{ name: 'the card in a metro exit', unit: 'APDUs/s', value: count / (nanoseconds / 1e9) },
        limit: exchanges.length * signaturesPerSecond(),
        limitName: 'if its one signature were all',
      },
      ...airFigures({ exchanges }),
    ];
  } finally {
    await site.close();
  }
}

function airFigures(dialogue: Dialogue): Figure[] {
  const bytes = dialogue.exchanges.reduce((sum, [command, response]) => sum + command + response, 0);
  const frames = framesOfDialogue(dialogue);
  const slowest = airTimeMs(frames, BIT_RATES[0]);
  return [
    { name: 'metro exit: exchanges', unit: 'APDUs', value: dialogue.exchanges.length },
    {
      name: 'metro exit: command and response bytes',
      unit: 'bytes',
      value: bytes,
      limit: frames.bytes,
      limitName: 'with PCB and CRC',
    },
    ...BIT_RATES.map((rate) => ({
      ...{ name: `metro exit: air time at ${rate} kbit/s`, unit: 'ms', value: airTimeMs(frames, rate) },
      ...{ limit: slowest, limitName: 'at 106 kbit/s' },
    })),
  ];
}

export async function benchPersonalisation(): Promise<Figure[]> {
  return [...(await personalisationFigures()), ...(await exitFigures())];
}
