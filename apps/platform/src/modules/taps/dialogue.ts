/**
 * The APDU dialogue of a tap: as it travels (deflated JSON), as it rests (sealed), as it is shown (in words, masked).
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import {
  type DolEntry,
  describeStatusWord,
  findTlv,
  fromHex,
  PolycardError,
  parseDol,
  parseResponse,
  parseTlv,
  swHex,
  toHex,
} from '@polycard/bytes';
import { describeCommand, type TlvDescription } from '@polycard/emv';
import type { Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { bulkInsert } from '../../store/bulk.ts';
import type { TlvView } from '../api-types.ts';
import type { Exchange } from './api.ts';

const DIALOGUE_BYTES_MAX = 256 * 1024;

/** `[phase, command hex, response hex, start µs, card µs]` */
type StoredExchange = readonly [string, string, string, number, number];

export interface NewDialogue {
  readonly tapId: string;
  readonly deflated: Uint8Array;
}

/** What a terminal sent, once it has been read. Throws when it is no dialogue. */
export function newDialogue(tapId: string, deflated: Uint8Array): NewDialogue {
  readExchanges(deflated);
  return { tapId, deflated };
}

export async function saveDialogues(
  { store, vault, now }: PlatformContext,
  dialogues: readonly NewDialogue[],
): Promise<undefined[]> {
  const receivedAt = now().toISOString();
  // the same dialogue twice in one group is one message sent twice
  const byTap = new Map(dialogues.map((dialogue) => [dialogue.tapId, dialogue]));
  await bulkInsert(
    'dialogue',
    [
      { name: 'tap_id', type: 'text' },
      { name: 'sealed', type: 'hex' },
      { name: 'received_at', type: 'timestamptz' },
    ],
    [...byTap.values()].map(({ tapId, deflated }) => ({
      tap_id: tapId,
      sealed: toHex(vault.seal(deflated, `dialogue:${tapId}`)),
      received_at: receivedAt,
    })),
    'ON CONFLICT (tap_id) DO NOTHING',
  ).execute(store.database);
  return dialogues.map(() => undefined);
}

export async function loadDialogue(context: PlatformContext, tapId: string): Promise<Exchange[]> {
  const row = await context.store.database
    .selectFrom('dialogue')
    .select('sealed')
    .where('tap_id', '=', tapId)
    .executeTakeFirst();
  if (row === undefined) return [];
  const exchanges = readExchanges(context.vault.open(row.sealed, `dialogue:${tapId}`));
  let pdol: DolEntry[] | undefined;
  const pan = panOf(exchanges);
  const mask = (hex: string): string =>
    pan === undefined ? hex : hex.replaceAll(pan, `${pan.slice(0, 6)}${'*'.repeat(pan.length - 10)}${pan.slice(-4)}`);
  return exchanges.map(([phase, commandHex, responseHex, startUs, cardUs], index) => {
    const response = responseHex === '' ? undefined : fromHex(responseHex);
    const description = describeCommand(fromHex(commandHex), response, pdol === undefined ? {} : { pdol });
    pdol = pdolOf(response) ?? pdol;
    const sw = response === undefined ? 0 : parseResponse(response).sw;
    return {
      index,
      phase,
      command: mask(commandHex),
      response: mask(responseHex),
      what: { en: description.en, zh: description.zh },
      sw: response === undefined ? '' : swHex(sw),
      swMeaning:
        response === undefined
          ? { en: 'the card left before it answered', zh: '卡片在应答前离开' }
          : describeStatusWord(sw),
      objects: [...flatten(description.command), ...flatten(description.response)],
      startUs,
      cardUs,
    };
  });
}

/** The wire form, for terminals and tests. */
export function encodeDialogue(exchanges: readonly StoredExchange[]): Uint8Array {
  return deflateRawSync(JSON.stringify(exchanges));
}

function readExchanges(deflated: Uint8Array): StoredExchange[] {
  try {
    const value: unknown = JSON.parse(
      inflateRawSync(deflated, { maxOutputLength: DIALOGUE_BYTES_MAX }).toString('utf8'),
    );
    if (!Array.isArray(value) || value.some((item) => !isExchange(item))) throw new TypeError('no list of exchanges');
    return value as StoredExchange[];
  } catch (cause) {
    throw new PolycardError('POLYCARD_TERMINAL_TRACE', 'the uploaded dialogue cannot be read', { where: 'F62', cause });
  }
}

function isExchange(item: unknown): item is StoredExchange {
  if (!Array.isArray(item) || item.length !== 5) return false;
  const hex = /^([0-9A-F]{2})*$/;
  return (
    typeof item[0] === 'string' &&
    hex.test(String(item[1])) &&
    hex.test(String(item[2])) &&
    Number.isFinite(item[3]) &&
    Number.isFinite(item[4])
  );
}

function pdolOf(response: Uint8Array | undefined): DolEntry[] | undefined {
  if (response === undefined || response[0] !== 0x6f) return undefined;
  try {
    const found = findTlv(parseTlv(parseResponse(response).data), '9F38');
    return found === undefined ? undefined : parseDol(found);
  } catch {
    return undefined;
  }
}

/** The account number, from track 2 of the GPO answer, so that it can be masked wherever its digits stand. */
function panOf(exchanges: readonly StoredExchange[]): string | undefined {
  for (const [, , responseHex] of exchanges) {
    const track = /57[01][0-9A-F](\d{13,19})D\d{4}/.exec(responseHex);
    if (track !== null) return track[1];
  }
  return undefined;
}

function flatten(nodes: readonly TlvDescription[], depth = 0): Static<typeof TlvView>[] {
  return nodes.flatMap((node) => [
    { tag: node.tag, name: node.name, hex: node.hex, ...(node.text === undefined ? {} : { text: node.text }), depth },
    ...flatten(node.children ?? [], depth + 1),
  ]);
}
