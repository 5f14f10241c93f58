import { resolve } from 'node:path';
import { fromHex, maskPan, toHex } from '@polycard/bytes';
import { systemRandom } from '@polycard/crypto';
import { isSm2Key, type PublicKey } from '@polycard/emv';
import { type DescribedTerminal, makeSale, type SaleResult } from '@polycard/terminal';
import { Command, InvalidArgumentError, Option } from 'commander';
import { caKeysOf, readCaKeys } from '../ca-key-file.ts';
import { type ReaderOptions, withCard, withReaderOptions } from '../card-in-reader.ts';
import { demoCaKeys } from '../demo-card.ts';
import { type DialogueStep, describedDialogue, printedDialogue } from '../dialogue.ts';
import { localTime } from '../local-time.ts';

interface TapOptions extends ReaderOptions {
  readonly journey: 'sale';
  readonly amount: number;
  readonly capk?: string;
  readonly ttq: Uint8Array;
  readonly json?: boolean;
}

const AMOUNT_FEN_MAX = 999_999_999_999;
const EXIT_NOT_APPROVED = 1;

export function tapCommand(): Command {
  const command = new Command('tap')
    .addOption(new Option('--journey <name>', 'what the card is tapped for').choices(['sale']).default('sale'))
    .option('--amount <yuan>', 'e.g. 5.00', amountFen, 100)
    .option(
      '--capk <file>',
      'certification authority keys, JSON [{rid,index,modulus,exponent}], SM2: [{rid,index,point}]',
    )
    .option('--ttq <hex>', 'what the terminal says it can (9F66)', ttq, fromHex('26000080'))
    .option('--json', 'print one JSON object: outcome, reason, oda, card, dialogue');
  return withReaderOptions(command)
    .addHelpText(
      'after',
      `
Outcomes: approved, declined, online (the card asks its issuer), other; with the reason in words. Exit code 0 when the
payment was approved, 1 when it was not.

Examples:
  polycard tap --reader pcsc:ACR122 --amount 5.00 --capk capk.json
  polycard tap --reader vpcd:35963 --journey sale --amount 5.00 --capk capk.json --json
  polycard tap --reader virtual --amount 12.50`,
    )
    .action(tap);
}

function amountFen(text: string): number {
  const parts = /^(\d{1,10})(?:\.(\d{1,2}))?$/.exec(text);
  const fen = parts === null ? Number.NaN : Number(parts[1]) * 100 + Number((parts[2] ?? '').padEnd(2, '0'));
  if (!(fen <= AMOUNT_FEN_MAX)) throw new InvalidArgumentError('expected yuan with at most two decimals, e.g. 5.00');
  return fen;
}

function ttq(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]{8}$/.test(text)) throw new InvalidArgumentError('expected 4 bytes in hexadecimal, e.g. 26000080');
  return fromHex(text);
}

async function tap(options: TapOptions): Promise<void> {
  const caKeys = await trustedKeys(options);
  const terminal: DescribedTerminal = {
    ...{ ttq: options.ttq, capabilities: fromHex('E0F8C8'), terminalType: fromHex('22') },
    ...{ country: '156', currency: '156', merchantName: 'POLYCARD' },
    // DF69: a card with both kinds of keys may take SM ones
    smAlgorithms: [...caKeys.values()].some(isSm2Key),
  };
  await withCard(options, (card) => {
    const result = makeSale(
      card,
      terminal,
      { amountFen: options.amount, at: localTime(new Date()) },
      { caKeys, random: systemRandom, monotonicUs: () => performance.now() * 1000 },
    );
    const dialogue = describedDialogue(result.exchanges);
    const shown = { reader: card.reader, atr: toHex(card.atr), amountFen: options.amount, ...shownResult(result) };
    process.stdout.write(
      options.json === true ? `${JSON.stringify({ ...shown, dialogue })}\n` : printed(shown, dialogue),
    );
    if (result.outcome !== 'approved') process.exitCode = EXIT_NOT_APPROVED;
  });
}

/** The keys given; those of our own test cards for the virtual reader. */
async function trustedKeys(options: TapOptions): Promise<ReadonlyMap<string, PublicKey>> {
  if (options.capk !== undefined) return readCaKeys(resolve(options.capk));
  if (options.reader !== 'virtual') return new Map();
  return caKeysOf(await demoCaKeys({ blueprint: resolve(options.blueprint), seed: options.seed }), 'the virtual card');
}

function shownResult({ outcome, reason, oda, card }: SaleResult) {
  if (card === undefined) return { outcome, reason, oda, card: undefined };
  const { pan, ...rest } = card;
  return { outcome, reason, oda, card: pan === undefined ? rest : { panMasked: maskPan(pan), ...rest } };
}

const OUTCOMES_ZH: Readonly<Record<SaleResult['outcome'], string>> = {
  approved: '批准',
  declined: '拒绝',
  online: '需联机',
  other: '未完成',
};

type Shown = ReturnType<typeof shownResult> & { reader: string; atr: string; amountFen: number };

function printed(
  { reader, atr, amountFen: fen, outcome, reason, oda, card }: Shown,
  dialogue: readonly DialogueStep[],
) {
  const yuan = (amount: number): string => `¥${(amount / 100).toFixed(2)}`;
  const lines = [
    ['reader', `${reader}, ATR ${atr}`],
    ['card', card === undefined ? 'unknown' : `${card.aid} ${'panMasked' in card ? card.panMasked : ''}`],
    ['amount', yuan(fen)],
    ['outcome', `${outcome} · ${OUTCOMES_ZH[outcome]}: ${reason}`],
    ['signature', [oda.result, oda.method, oda.version, oda.reason].filter((text) => text !== undefined).join(' ')],
    ...(card?.availableFen === undefined ? [] : [['left', yuan(card.availableFen)]]),
  ];
  return `${printedDialogue(dialogue)}\n${lines.map(([name, text]) => `${name!.padEnd(10)}${text}\n`).join('')}`;
}
