/**
 * Issuer scripts as a message carries them, and what a terminal tells of how they went.
 * EMV 4.4 Book 3 §10.10 (templates 71 and 72, 9F18, 86) and Book 4 Annex A5 (issuer script results).
 */
import { concat, encodeTlv, encodeTlvs, findTlv, PolycardError, parseTlv, type TlvNode } from '@polycard/bytes';

/** Before (71) or after (72) the second GENERATE AC. */
export type ScriptTemplate = '71' | '72';

export interface IssuerScript {
  readonly template: ScriptTemplate;
  /** 9F18, 4 bytes. */
  readonly identifier: Uint8Array;
  readonly commands: readonly Uint8Array[];
}

const IDENTIFIER_BYTES = 4;

/** One object: template, identifier, and one 86 for each command. */
export function encodeScriptTemplate({ template, identifier, commands }: IssuerScript): Uint8Array {
  return encodeTlv(
    template,
    concat(encodeTlv('9F18', identifier), encodeTlvs(commands.map((command) => ['86', command] as const))),
  );
}

/** Every script among these objects. Throws `POLYCARD_EMV_SCRIPT` for one without a command. */
export function parseScriptTemplates(objects: Uint8Array, where = 'F55'): IssuerScript[] {
  return parseTlv(objects, where)
    .filter(({ tag }) => tag === '71' || tag === '72')
    .map(({ tag, children, value }) => scriptOf(tag as ScriptTemplate, children ?? parseTlv(value, `${where}.${tag}`)));
}

function scriptOf(template: ScriptTemplate, children: readonly TlvNode[]): IssuerScript {
  const commands = children.filter(({ tag }) => tag === '86').map(({ value }) => value.slice());
  if (commands.length === 0)
    throw new PolycardError('POLYCARD_EMV_SCRIPT', `template ${template} holds no command (86)`, { where: template });
  return {
    template,
    identifier: findTlv(children, '9F18')?.slice() ?? new Uint8Array(IDENTIFIER_BYTES),
    commands,
  };
}

/** How one script went. */
export interface ScriptResult {
  readonly outcome: 'not-performed' | 'failed' | 'successful';
  /** Which command failed, from 1; 0 not said, 15 for the fifteenth and later ones. */
  readonly failedCommand: number;
  readonly identifier: Uint8Array;
}

const OUTCOMES = ['not-performed', 'failed', 'successful'] as const;
const RESULT_BYTES = 1 + IDENTIFIER_BYTES;
const FAILED_COMMAND_MAX = 15;

/** 5 bytes: outcome and number of the failed command, identifier (DF31, 9F5B). */
export function encodeScriptResult({ outcome, failedCommand, identifier }: ScriptResult): Uint8Array {
  const number = Math.min(failedCommand, FAILED_COMMAND_MAX);
  return concat(Uint8Array.of((OUTCOMES.indexOf(outcome) << 4) | number), identifier);
}

/** Results of several scripts stand one behind the other. Throws `POLYCARD_EMV_SCRIPT`. */
export function parseScriptResults(bytes: Uint8Array): ScriptResult[] {
  if (bytes.length === 0 || bytes.length % RESULT_BYTES !== 0)
    throw new PolycardError('POLYCARD_EMV_SCRIPT', `issuer script results have ${bytes.length} bytes`, {
      where: 'DF31',
      expected: `${RESULT_BYTES} bytes for each script`,
    });
  return Array.from({ length: bytes.length / RESULT_BYTES }, (_, index) => {
    const part = bytes.subarray(index * RESULT_BYTES, (index + 1) * RESULT_BYTES);
    const outcome = OUTCOMES[part[0]! >> 4];
    if (outcome === undefined)
      throw new PolycardError('POLYCARD_EMV_SCRIPT', `issuer script result ${part[0]! >> 4} is none`, {
        where: `DF31, offset ${index * RESULT_BYTES}`,
        expected: '0 not performed, 1 failed or 2 successful',
      });
    return { outcome, failedCommand: part[0]! & 0x0f, identifier: part.slice(1) };
  });
}
