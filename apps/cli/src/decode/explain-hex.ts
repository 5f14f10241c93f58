/** Chooses what some hexadecimal is and puts it into words. */
import { fromHex, PolycardError } from '@polycard/bytes';
import { CARD_EXPLAINERS, describeValue, type Explainer, type ExplanationPart, tagEntry } from '@polycard/emv';
import { ISO8583_EXPLAINER } from './iso8583-explainer.ts';

export interface HexExplanation {
  readonly kind: string;
  readonly en: string;
  readonly zh: string;
  readonly lengthBytes: number;
  readonly parts: readonly ExplanationPart[];
  /** Other kinds these bytes could be, likeliest first; `--as KIND` explains them so. */
  readonly alternatives: readonly string[];
}

const EXPLAINERS: readonly Explainer[] = [...CARD_EXPLAINERS, ISO8583_EXPLAINER];
export const EXPLAINED_KINDS: readonly string[] = EXPLAINERS.map(({ kind }) => kind);

/** Other names people use for a kind. */
const ALIASES: Readonly<Record<string, string>> = {
  apdu: 'command',
  rapdu: 'response',
  'status-word': 'sw',
  iad: '9f10',
  pdol: 'dol',
  cdol: 'dol',
  '8583': 'iso8583',
  frame: 'iso8583',
  'store-data': 'dgi',
};
const TAG = /^([0-9a-f]{2}){1,3}$/;
const BYTES_MAX = 8192;
const LIKELY = 40;

/** Hexadecimal as people paste it: blanks, colons, 0x. Throws `POLYCARD_CLI_HEX`. */
export function hexArgument(text: string): Uint8Array {
  const compact = text.replace(/0x/gi, '').replace(/[\s:,-]+/g, '');
  const expected = 'bytes in hexadecimal, two digits each';
  if (compact === '') throw new PolycardError('POLYCARD_CLI_HEX', 'there are no bytes to explain', { expected });
  if (compact.length > BYTES_MAX * 2) {
    throw new PolycardError('POLYCARD_CLI_HEX', `${compact.length} digits are too many`, {
      expected: `at most ${BYTES_MAX} bytes`,
    });
  }
  try {
    return fromHex(compact);
  } catch (cause) {
    throw new PolycardError('POLYCARD_CLI_HEX', (cause as Error).message, { where: 'HEX', expected, cause });
  }
}

/** Throws `POLYCARD_CLI_KIND` for an unknown kind, `POLYCARD_EXPLAIN_*` and its like when the bytes are not of it. */
export function explainHex(bytes: Uint8Array, as?: string): HexExplanation {
  const ranked = EXPLAINERS.map((explainer) => ({ explainer, likelihood: explainer.likelihood(bytes) }))
    .filter(({ likelihood }) => likelihood >= LIKELY)
    .sort((a, b) => b.likelihood - a.likelihood)
    .map(({ explainer }) => explainer);
  const chosen = as === undefined ? ranked[0] : explainerNamed(as.toLowerCase());
  if (chosen === undefined) {
    throw new PolycardError('POLYCARD_EXPLAIN_UNKNOWN', `these ${bytes.length} bytes are nothing this command knows`, {
      expected: `--as KIND with one of ${EXPLAINED_KINDS.join(', ')}, or a tag such as 9F79`,
    });
  }
  return {
    kind: chosen.kind,
    en: chosen.title.en,
    zh: chosen.title.zh,
    lengthBytes: bytes.length,
    parts: partsOf(chosen, bytes),
    alternatives: ranked.filter((explainer) => explainer.kind !== chosen.kind).map(({ kind }) => kind),
  };
}

function partsOf({ explain, title }: Explainer, bytes: Uint8Array): readonly ExplanationPart[] {
  try {
    return explain(bytes);
  } catch (error) {
    if (!(error instanceof PolycardError)) throw error;
    const { where, expected } = error;
    throw new PolycardError('POLYCARD_EXPLAIN_NOT_OF_KIND', `not of this kind (${title.en}): ${error.message}`, {
      ...(where === undefined ? {} : { where }),
      ...(expected === undefined ? {} : { expected }),
      cause: error,
    });
  }
}

function explainerNamed(name: string): Explainer {
  const kind = ALIASES[name] ?? name;
  const known = EXPLAINERS.find((explainer) => explainer.kind === kind);
  if (known !== undefined) return known;
  const tag = name.toUpperCase();
  if (TAG.test(name) && tagEntry(tag) !== undefined) return explainerOfTag(tag);
  throw new PolycardError('POLYCARD_CLI_KIND', `there is no kind ${name}`, {
    where: '--as',
    expected: `${EXPLAINED_KINDS.join(', ')}, or a tag such as 9F79`,
  });
}

function explainerOfTag(tag: string): Explainer {
  return {
    kind: tag.toLowerCase(),
    title: { en: `${tag} ${tagEntry(tag)!.en}`, zh: tagEntry(tag)!.zh },
    likelihood: () => 0,
    explain: (bytes) => {
      const { hex, text, name } = describeValue(tag, bytes);
      return [{ name: { en: name.en, zh: name.zh }, hex, ...(text === undefined ? {} : { text }) }];
    },
  };
}
