/**
 * Issuer script commands with secure messaging format 2: made by the issuer's host, checked by the card.
 * PBOC 3.0 Part 5 Annex B (commands) and Part 7 (secure messaging) as publicly described; checked by computed vectors
 * and by commands an independent card accepted.
 */
import { bcdFromNumber, concat, encodeCommand, fromHex, PolycardError } from '@polycard/bytes';
import { type Algorithm, macOf } from '@polycard/crypto';
import { buildPinChangeData, type PinChange } from './pin-block.ts';

export const SCRIPT_MAC_BYTES = 4;

/** What binds a script to one transaction. */
export interface ScriptBinding {
  readonly algorithm: Algorithm;
  /** SK-MAC of the transaction, 16 bytes. */
  readonly skMac: Uint8Array;
  readonly atc: number;
  /** Cryptogram of the first GENERATE AC, 8 bytes. */
  readonly ac: Uint8Array;
}

/** CLA INS P1 P2 as sent, channel bits zero. */
export type ScriptHeader = readonly [cla: number, ins: number, p1: number, p2: number];

/** What a script's MAC is over, without padding: CLA INS P1 P2 Lc‖ATC‖AC‖data; Lc counts the MAC too, channel bits are zero. */
export function scriptMacInput(
  { atc, ac }: Pick<ScriptBinding, 'atc' | 'ac'>,
  header: ScriptHeader,
  data: Uint8Array,
): Uint8Array {
  const [cla, ins, p1, p2] = header;
  return concat(
    Uint8Array.of(cla & 0xfc, ins, p1, p2, data.length + SCRIPT_MAC_BYTES),
    Uint8Array.of(atc >> 8, atc & 0xff),
    ac,
    data,
  );
}

/** 4 bytes over `scriptMacInput`. */
export function computeScriptMac(binding: ScriptBinding, header: ScriptHeader, data: Uint8Array): Uint8Array {
  return macOf(binding.algorithm, binding.skMac, scriptMacInput(binding, header, data)).slice(0, SCRIPT_MAC_BYTES);
}

/** The command with its MAC, for whoever computed that elsewhere (a key custody does). */
export function finishedScript(header: ScriptHeader, data: Uint8Array, mac: Uint8Array): Uint8Array {
  const [cla, ins, p1, p2] = header;
  return encodeCommand({ cla, ins, p1, p2, data: concat(data, mac) });
}

function encodeScript(binding: ScriptBinding, header: ScriptHeader, data: Uint8Array): Uint8Array {
  return finishedScript(header, data, computeScriptMac(binding, header, data));
}

const NOTHING = new Uint8Array(0);

/** PUT DATA (04 DA) of a two-byte tag. */
export function scriptPutData(binding: ScriptBinding, tag: string, value: Uint8Array): Uint8Array {
  if (!/^[0-9A-F]{4}$/.test(tag)) {
    throw new PolycardError('POLYCARD_EMV_SCRIPT', `PUT DATA names a tag of two bytes, not "${tag}"`, { where: 'tag' });
  }
  const [p1, p2] = fromHex(tag) as unknown as [number, number];
  return encodeScript(binding, [0x04, 0xda, p1, p2], value);
}

/** Load: PUT DATA 9F79 (DF79 for the second currency) with the balance as it shall be, in fen. */
export function scriptLoad(binding: ScriptBinding, balanceFen: number, tag: '9F79' | 'DF79' = '9F79'): Uint8Array {
  return scriptPutData(binding, tag, bcdFromNumber(balanceFen, 6));
}

/** UPDATE RECORD (04 DC) of a whole record, template 70 included. */
export function scriptUpdateRecord(
  binding: ScriptBinding,
  sfi: number,
  number: number,
  record: Uint8Array,
): Uint8Array {
  return encodeScript(binding, [0x04, 0xdc, number, (sfi << 3) | 0x04], record);
}

export function scriptApplicationBlock(binding: ScriptBinding): Uint8Array {
  return encodeScript(binding, [0x84, 0x1e, 0x00, 0x00], NOTHING);
}

export function scriptApplicationUnblock(binding: ScriptBinding): Uint8Array {
  return encodeScript(binding, [0x84, 0x18, 0x00, 0x00], NOTHING);
}

export function scriptCardBlock(binding: ScriptBinding): Uint8Array {
  return encodeScript(binding, [0x84, 0x16, 0x00, 0x00], NOTHING);
}

/** PIN UNBLOCK: the try counter back to its limit, the PIN as it was. */
export function scriptPinUnblock(binding: ScriptBinding): Uint8Array {
  return encodeScript(binding, [0x84, 0x24, 0x00, 0x00], NOTHING);
}

/** PIN CHANGE, P2 = 01 when the current PIN goes in, else 02; the try counter goes back too. */
export function scriptPinChange(
  binding: ScriptBinding,
  change: PinChange & { readonly skEnc: Uint8Array },
): Uint8Array {
  const p2 = change.currentPin === undefined ? 0x02 : 0x01;
  const data = buildPinChangeData(binding.algorithm, change.skEnc, change);
  return encodeScript(binding, [0x84, 0x24, 0x00, p2], data);
}
