/**
 * GET PROCESSING OPTIONS (80 A8): chooses the path, and for qPBOC decides the whole transaction.
 * EMV 4.4 Book 3 §6.5.8; PBOC 3.0 Parts 5, 12, 13 as publicly described.
 */
import {
  type CommandApdu,
  concat,
  encodeTlv,
  equalBytes,
  numberFromBcd,
  SW_6A80_WRONG_DATA,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { readAmount, readField } from './balances.ts';
import type { CommandResult, PbocContext } from './context.ts';
import type { CompiledPdol, ProcessingOptions } from './image.ts';
import { FIELD, STATE_ATC_EXHAUSTED, writeField } from './layout.ts';
import { processQpboc } from './qpboc.ts';
import { currentFci } from './select.ts';

const ATC_LAST = 0xfffe;
const TTQ_CONTACTLESS_DEBIT_CREDIT = 0x40;
const TTQ_QPBOC = 0x20;
const AMOUNT_TAGS = ['9F02', '9F03'] as const;

/** PDOL values; an object the card did not ask for is undefined. */
export type TerminalData = (tag: string) => Uint8Array | undefined;

function terminalDataOf(pdol: CompiledPdol, values: Uint8Array): TerminalData {
  return (tag) => {
    const offset = pdol.offsets.get(tag);
    if (offset === undefined) return undefined;
    const entry = pdol.entries.find((candidate) => candidate.tag === tag)!;
    return values.subarray(offset, offset + entry.lengthBytes);
  };
}

/** Values inside tag 83; a status word when the command data are not as the PDOL wants them. */
function pdolValues(pdol: CompiledPdol, data: Uint8Array): Uint8Array | number {
  const headerBytes = pdol.lengthBytes > 0x7f ? 3 : 2;
  if (data.length !== headerBytes + pdol.lengthBytes) return SW_6700_WRONG_LENGTH;
  if (data[0] !== 0x83) return SW_6A80_WRONG_DATA;
  if (headerBytes === 3 && data[1] !== 0x81) return SW_6A80_WRONG_DATA;
  if (data[headerBytes - 1] !== pdol.lengthBytes) return SW_6A80_WRONG_DATA;
  return data.subarray(headerBytes);
}

function isBcd(value: Uint8Array | undefined): boolean {
  return value === undefined || value.every((byte) => byte >> 4 <= 9 && (byte & 0x0f) <= 9);
}

/** Counts the transaction. False when the counter is used up: then the application is locked for ever. */
function countTransaction({ memory }: PbocContext): boolean {
  const state = memory.u8(FIELD.state.offset);
  if ((state & STATE_ATC_EXHAUSTED) !== 0) return false;
  const atc = memory.u16(FIELD['9F36'].offset);
  if (atc >= ATC_LAST) {
    memory.commit([writeField('state', Uint8Array.of(state | STATE_ATC_EXHAUSTED))]);
    return false;
  }
  memory.commit([writeField('9F36', Uint8Array.of((atc + 1) >> 8, (atc + 1) & 0xff))]);
  return true;
}

/** Contact electronic cash: the terminal supports it, the currency is the card's, and the amount is within both limits. */
function isElectronicCash({ image, memory }: PbocContext, terminal: TerminalData): boolean {
  if (terminal('9F7A')?.[0] !== 0x01) return false;
  const currency = terminal('5F2A');
  const own = image.fixed.get('9F51');
  if (currency === undefined || own === undefined || !equalBytes(currency, own)) return false;
  const amount = numberFromBcd(terminal('9F02') ?? new Uint8Array(6));
  if (readField(memory, '9F17')[0] === 0) return false;
  return amount <= readAmount(memory, '9F79') && amount <= readAmount(memory, '9F78');
}

/** Format 1 answer of the debit/credit and electronic cash paths; their GENERATE AC is not here yet. */
function format80(options: ProcessingOptions | undefined): CommandResult {
  if (options === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  return { sw: SW_9000_SUCCESS, data: encodeTlv('80', concat(options.aip, options.afl)) };
}

export function getProcessingOptions(context: PbocContext, command: CommandApdu): CommandResult {
  const { session, image } = context;
  if (command.cla !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (command.p1 !== 0 || command.p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const fci = currentFci(context);
  if (!session.awaitsProcessingOptions || fci === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const values = pdolValues(fci.pdol, command.data);
  if (values === SW_6700_WRONG_LENGTH) return { sw: values };
  session.awaitsProcessingOptions = false;
  if (typeof values === 'number') return { sw: values };
  const terminal = terminalDataOf(fci.pdol, values);
  if (!AMOUNT_TAGS.every((tag) => isBcd(terminal(tag)))) return { sw: SW_6A80_WRONG_DATA };
  if (!countTransaction(context)) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const path = () => format80(isElectronicCash(context, terminal) ? image.electronicCash : image.debitCredit);
  if (context.environment.interface === 'contact') return path();
  const qualifiers = terminal('9F66')?.[0] ?? 0;
  if ((qualifiers & TTQ_CONTACTLESS_DEBIT_CREDIT) !== 0) return path();
  if ((qualifiers & TTQ_QPBOC) !== 0) return processQpboc(context, terminal);
  return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
}
