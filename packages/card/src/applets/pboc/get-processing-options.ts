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
  splitDol,
} from '@polycard/bytes';
import { fieldInCurrency, readAmount } from './balances.ts';
import type { CommandResult, PbocContext } from './context.ts';
import type { CompiledPdol } from './image.ts';
import { FIELD, LEFT_AUTHENTICATION_FAILED, LEFT_SCRIPT_FAILED, STATE_ATC_EXHAUSTED, writeField } from './layout.ts';
import { isPinExhausted } from './pin.ts';
import { processQpboc } from './qpboc.ts';
import { currentFci } from './select.ts';
import type { TerminalValues } from './session.ts';

const ATC_LAST = 0xfffe;
const TTQ_CONTACTLESS_DEBIT_CREDIT = 0x40;
const TTQ_QPBOC = 0x20;
const AMOUNT_TAGS = ['9F02', '9F03'] as const;

/** PDOL values; an object the card did not ask for is undefined. */
export type TerminalData = (tag: string) => Uint8Array | undefined;

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

/** Currency and both limits fit, the terminal supports electronic cash, and nothing of the last transaction is open. */
function isElectronicCash(context: PbocContext, terminal: TerminalData): boolean {
  const { image, memory, session } = context;
  const currency = terminal('5F2A');
  if (currency !== undefined) {
    const [own, second] = [image.fixed.get('9F51'), image.fixed.get('DF71')];
    const isSecond = second !== undefined && equalBytes(currency, second);
    if (!isSecond && (own === undefined || !equalBytes(currency, own))) return false;
    session.secondCurrency = isSecond && !(own !== undefined && equalBytes(currency, own));
  }
  if (terminal('9F7A')?.[0] !== 0x01) return false;
  const amount = numberFromBcd(terminal('9F02') ?? new Uint8Array(6));
  const limit = (name: '9F79' | '9F78') => readAmount(memory, fieldInCurrency(name, session.secondCurrency));
  if (amount > limit('9F79') || amount > limit('9F78')) return false;
  const left = memory.u8(FIELD.leftBehind.offset);
  if ((left & (LEFT_AUTHENTICATION_FAILED | LEFT_SCRIPT_FAILED)) !== 0) return false;
  return !isPinExhausted(memory);
}

/** Debit/credit or electronic cash: response in format 1; the decision comes with GENERATE AC. */
function initiate(context: PbocContext, pdol: TerminalValues): CommandResult {
  const { image, memory, session } = context;
  const path = isElectronicCash(context, (tag) => pdol.byTag.get(tag)) ? 'electronic-cash' : 'debit-credit';
  const options = path === 'electronic-cash' ? image.electronicCash : image.debitCredit;
  if (options === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  session.debit = {
    path,
    atc: memory.u16(FIELD['9F36'].offset),
    aip: options.aip,
    pdol,
    cdol1: undefined,
    cdol2: undefined,
    phase: 'initiated',
    firstCryptogram: new Uint8Array(8),
    externalAuthentications: 0,
    authorisationResponse: undefined,
    authenticationFailed: (memory.u8(FIELD.leftBehind.offset) & LEFT_AUTHENTICATION_FAILED) !== 0,
    scriptRefused: false,
  };
  return { sw: SW_9000_SUCCESS, data: encodeTlv('80', concat(options.aip, options.afl)) };
}

export function getProcessingOptions(context: PbocContext, command: CommandApdu): CommandResult {
  const { session } = context;
  if (command.cla !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (command.p1 !== 0 || command.p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const fci = currentFci(context);
  if (fci === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const values = pdolValues(fci.pdol, command.data);
  if (values === SW_6700_WRONG_LENGTH) return { sw: values };
  if (!session.awaitsProcessingOptions) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  session.awaitsProcessingOptions = false;
  if (typeof values === 'number') return { sw: values };
  const pdol: TerminalValues = { data: values.slice(), byTag: splitDol(fci.pdol.entries, values.slice(), 'PDOL data') };
  const terminal: TerminalData = (tag) => pdol.byTag.get(tag);
  if (!AMOUNT_TAGS.every((tag) => isBcd(terminal(tag)))) return { sw: SW_6A80_WRONG_DATA };
  if (!countTransaction(context)) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  if (context.environment.interface === 'contact') return initiate(context, pdol);
  const qualifiers = terminal('9F66')?.[0] ?? 0;
  if ((qualifiers & TTQ_CONTACTLESS_DEBIT_CREDIT) !== 0) return initiate(context, pdol);
  if ((qualifiers & TTQ_QPBOC) !== 0) return processQpboc(context, terminal);
  return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
}
