/** A dialogue with a card in words: each command and answer decoded, account numbers starred. */
import { type DolEntry, findTlv, parseDol, parseTlv, toHex } from '@polycard/bytes';
import { describeCommand, type ExplanationPart, maskedResponseHex, partsOfTlv } from '@polycard/emv';
import { printedParts } from './decode/print-parts.ts';

export interface DialogueStep {
  readonly phase?: string;
  readonly command: string;
  readonly response: string;
  readonly en: string;
  readonly zh: string;
  readonly status?: { readonly sw: string; readonly en: string; readonly zh: string };
  readonly sent: readonly ExplanationPart[];
  readonly received: readonly ExplanationPart[];
}

export interface RawExchange {
  readonly command: Uint8Array;
  /** Empty when the card left before it answered. */
  readonly response: Uint8Array;
  readonly phase?: string;
}

const INS_A4_SELECT = 0xa4;

/** In the order given; the PDOL of the application selected last reads the data of GET PROCESSING OPTIONS. */
export function describedDialogue(exchanges: readonly RawExchange[]): DialogueStep[] {
  let pdol: readonly DolEntry[] | undefined;
  return exchanges.map(({ command, response, phase }) => {
    const described = describeCommand(command, response, pdol === undefined ? {} : { pdol });
    if (command[1] === INS_A4_SELECT) pdol = pdolOf(response);
    const { en, zh, status } = described;
    return {
      ...(phase === undefined ? {} : { phase }),
      ...{ command: toHex(command), response: maskedResponseHex(response), en, zh },
      ...(status === undefined ? {} : { status: { sw: status.sw, en: status.en, zh: status.zh } }),
      sent: partsOfTlv(described.command),
      received: partsOfTlv(described.response),
    };
  });
}

function pdolOf(selectResponse: Uint8Array): readonly DolEntry[] | undefined {
  try {
    const found = findTlv(parseTlv(selectResponse.subarray(0, Math.max(0, selectResponse.length - 2))), '9F38');
    return found === undefined ? undefined : parseDol(found);
  } catch {
    return undefined; // a broken FCI has no PDOL; the dialogue shows its bytes
  }
}

export function printedDialogue(steps: readonly DialogueStep[]): string {
  return steps
    .map(({ command, response, en, zh, status, sent, received }) => {
      const answer = status === undefined ? 'no answer' : `${status.sw} ${status.en} · ${status.zh}`;
      return `${en} · ${zh}\n  > ${command}\n${printedParts(sent, '    ')}  < ${response}  ${answer}\n${printedParts(received, '    ')}`;
    })
    .join('');
}
