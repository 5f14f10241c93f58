/**
 * Recomputes everything cryptographic in the dialogue of a PBOC card with a terminal, its host and its counter: what an
 * auditor does with a trace and the keys of a test card. Cryptograms, MACs of both directions, certificates and
 * signatures; a command MAC must be right exactly when the card took it.
 */
import {
  type CommandApdu,
  concat,
  encodeTlv,
  equalBytes,
  parseCommand,
  parseResponse,
  parseTlv,
  SW_6300_AUTHENTICATION_FAILED,
  SW_6988_MAC_INCORRECT,
  SW_9000_SUCCESS,
  splitDol,
  tlvMap,
  toHex,
} from '@polycard/bytes';
import { type Algorithm, decryptBlocks, ecbMode } from '@polycard/crypto';
import { computeAppendMac, computeReadMac, computeStatusMac, computeUpdateMac } from '../capp.ts';
import type { RsaPublicKey } from '../certificates.ts';
import { answerOnline, checkCryptogram, type IssuerKeySet } from '../issuer-host.ts';
import { deriveSessionKey } from '../issuer-keys.ts';
import { computeScriptMac, SCRIPT_MAC_BYTES } from '../issuer-script.ts';
import { computeLoadLogMac, parseLoadLog } from '../load-log.ts';
import { openPinChangeData } from '../pin-block.ts';
import { checkSignature } from './check-signature.ts';
import { DialogueState } from './state.ts';

export interface DialogueExchange {
  readonly command: Uint8Array;
  /** Response data and status word. */
  readonly response: Uint8Array;
}

export interface DialogueKeys {
  readonly card: IssuerKeySet;
  /** Opening keys of extended files by SFI; management keys are learnt from APPEND RECORD. */
  readonly openingKeys: ReadonlyMap<number, Uint8Array>;
  readonly openingAlgorithm?: Algorithm;
  /** Management keys by SFI, for records that were opened before the dialogue began. */
  readonly recordKeys?: ReadonlyMap<number, Uint8Array>;
  /** By RID and index, e.g. `A000000333F0`. */
  readonly caKeys: ReadonlyMap<string, RsaPublicKey>;
  /** PAN digits of the card. */
  readonly pan: string;
  /** Payment records by `sfi/number`, for dialogues that do not read them. */
  readonly records?: ReadonlyMap<string, Uint8Array>;
}

export type DialogueCheckKind =
  | 'cryptogram'
  | 'issuer-data-mac'
  | 'issuer-authentication'
  | 'script-mac'
  | 'pin-change'
  | 'append-mac'
  | 'update-mac'
  | 'status-mac'
  | 'read-mac'
  | 'proof'
  | 'load-log-mac'
  | 'certificates'
  | 'fdda'
  | 'dda'
  | 'cda';

export interface DialogueCheck {
  /** Number of the exchange, from 0. */
  readonly index: number;
  readonly kind: DialogueCheckKind;
  /** As recomputed, hexadecimal. */
  readonly computed: string;
  readonly ok: boolean;
  /** For a command: whether the card took it. */
  readonly accepted?: boolean;
  /** Why a signature or certificate does not hold. */
  readonly reason?: string;
}

const MAC_BYTES = 4;
const KEY_BYTES = 16;

interface Step {
  readonly index: number;
  readonly command: CommandApdu;
  readonly data: Uint8Array;
  readonly sw: number;
}

export class DialogueChecker {
  readonly checks: DialogueCheck[] = [];
  readonly #keys: DialogueKeys;
  readonly #state = new DialogueState();

  constructor(keys: DialogueKeys) {
    this.#keys = keys;
    for (const [place, bytes] of keys.records ?? []) {
      const [sfi, number] = place.split('/').map(Number) as [number, number];
      this.#state.takeRecord(sfi, number, bytes);
    }
  }

  /** The field was lost. */
  reset(): void {
    this.#state.endTransaction();
  }

  /** Takes the next exchange and gives what was recomputed of it. */
  take(index: number, exchange: DialogueExchange): DialogueCheck[] {
    const before = this.checks.length;
    const { data, sw } = parseResponse(exchange.response);
    const step: Step = { index, command: parseCommand(exchange.command), data, sw };
    this.#readers.get(step.command.ins)?.(step);
    return this.checks.slice(before);
  }

  /** By INS; a command that is not here carries nothing to recompute. */
  readonly #readers: ReadonlyMap<number, (step: Step) => void> = new Map([
    ...[0x16, 0x18, 0x1e, 0x24, 0xda, 0xdc].map((ins) => [ins, (step: Step) => this.#script(step)] as const),
    [0x5a, (step: Step) => this.#proof(step)],
    [0x82, (step: Step) => this.#externalAuthenticate(step)],
    [0x88, (step: Step) => this.#internalAuthenticate(step)],
    [0xa4, (step: Step) => this.#select(step)],
    [0xa8, (step: Step) => this.#processingOptions(step)],
    [0xae, (step: Step) => this.#generateAc(step)],
    [0xb2, (step: Step) => this.#readRecord(step)],
    [0xb4, (step: Step) => this.#readCapp(step)],
    [0xc0, (step: Step) => this.#select(step)],
    [0xca, (step: Step) => this.#getData(step)],
    [0xde, (step: Step) => this.#updateCapp(step)],
    [0xe2, (step: Step) => this.#append(step)],
  ]);

  #add(
    step: Step,
    kind: DialogueCheckKind,
    computed: Uint8Array,
    outcome: Omit<DialogueCheck, 'index' | 'kind' | 'computed'>,
  ) {
    this.checks.push({ index: step.index, kind, computed: toHex(computed), ...outcome });
  }

  #same(step: Step, kind: DialogueCheckKind, computed: Uint8Array, found: Uint8Array): void {
    this.#add(step, kind, computed, { ok: equalBytes(computed, found) });
  }

  /** A command's MAC must be right when the card took it and wrong when it said so; otherwise nothing is known. */
  #command(step: Step, kind: DialogueCheckKind, computed: Uint8Array, sent: Uint8Array, refusal: number): void {
    const accepted = step.sw === SW_9000_SUCCESS;
    const known = accepted || step.sw === refusal;
    this.#add(step, kind, computed, { ok: !known || equalBytes(computed, sent) === accepted, accepted });
  }

  #select({ command, data, sw }: Step): void {
    if (data[0] === 0x6f) this.#state.select(data);
    else if (command.ins === 0xa4 && sw !== 0x6283) this.#state.endTransaction();
  }

  #processingOptions(step: Step): void {
    const { command, data, sw } = step;
    const state = this.#state;
    if (sw !== SW_9000_SUCCESS) {
      // Counted all the same: no common CVM, and the refusals of pre-authorisation and completion.
      if ([0x6971, 0x6972, 0x6973].includes(sw)) state.atc++;
      state.transaction = undefined;
      return;
    }
    const header = command.data[1] === 0x81 ? 3 : 2;
    const transaction = state.begin(command.data.slice(header), data);
    if (!transaction.isQpboc) return;
    if (transaction.card.has('9F26')) this.#cryptogram(step, transaction.card, transaction.terminal);
    else this.#issuerDataOnly(step, transaction.card, transaction.terminal);
  }

  #objects(...maps: readonly ReadonlyMap<string, Uint8Array>[]): (tag: string) => Uint8Array | undefined {
    return (tag) => maps.map((map) => map.get(tag)).find((value) => value !== undefined);
  }

  #cryptogram(step: Step, card: ReadonlyMap<string, Uint8Array>, terminal: ReadonlyMap<string, Uint8Array>): void {
    const checked = checkCryptogram(this.#keys.card, this.#objects(card, terminal));
    this.#add(step, 'cryptogram', checked.cryptogram, { ok: checked.ok });
    if (checked.discretionary !== undefined) {
      this.#add(step, 'issuer-data-mac', checked.discretionary.mac, { ok: checked.discretionary.ok });
    }
  }

  /** A pre-authorisation withholds its cryptogram; its issuer data are there. */
  #issuerDataOnly(step: Step, card: ReadonlyMap<string, Uint8Array>, terminal: ReadonlyMap<string, Uint8Array>): void {
    const withheld = new Map([['9F26', new Uint8Array(8)]]);
    const { discretionary } = checkCryptogram(this.#keys.card, this.#objects(withheld, card, terminal));
    if (discretionary !== undefined) this.#add(step, 'issuer-data-mac', discretionary.mac, { ok: discretionary.ok });
  }

  #generateAc(step: Step): void {
    const { command, data, sw } = step;
    const state = this.#state;
    const { transaction } = state;
    if (sw !== SW_9000_SUCCESS || transaction === undefined) return;
    const dol = state.dol(transaction.cdolData.length === 0 ? '8C' : '8D');
    if (dol.length === 0) return;
    const terminal = splitDol(dol, command.data, 'CDOL data');
    const signed = data[0] === 0x77;
    const card = signed ? tlvMap(parseTlv(data)) : new Map<string, Uint8Array>();
    if (!signed) {
      const value = parseTlv(data)[0]!.value;
      card.set('9F27', value.subarray(0, 1)).set('9F36', value.subarray(1, 3));
      card.set('9F26', value.subarray(3, 11)).set('9F10', value.subarray(11));
    }
    const counter = card.get('9F36')!;
    state.atc = (counter[0]! << 8) | counter[1]!;
    transaction.cdolData.push(command.data.slice());
    const aip = new Map([['82', transaction.card.get('82')!]]);
    if (signed) {
      const objects = ['9F27', '9F36', '9F10'].map((tag) => encodeTlv(tag, card.get(tag)!));
      const lists = [transaction.pdolData, ...transaction.cdolData];
      const result = checkSignature(state, this.#keys, {
        ...{ kind: 'cda', signature: card.get('9F4B')!, unpredictableNumber: terminal.get('9F37')! },
        ...{ transactionData: lists, responseObjects: objects, cid: card.get('9F27')![0]! },
      });
      // The cryptogram is inside the signature.
      card.set('9F26', result.cryptogram ?? new Uint8Array(8));
      this.#signature(step, 'cda', result);
    }
    this.#cryptogram(step, new Map([...card, ...aip]), terminal);
    if (transaction.cdolData.length === 1) transaction.firstCryptogram = card.get('9F26')!.slice();
  }

  #signature(step: Step, kind: 'fdda' | 'dda' | 'cda', result: ReturnType<typeof checkSignature>): void {
    const reason = result.ok ? {} : { reason: result.reason };
    if (result.certificates !== undefined) {
      this.#add(step, 'certificates', new Uint8Array(0), {
        ok: result.certificates,
        ...(result.certificates ? {} : reason),
      });
    }
    this.#add(step, kind, result.recovered ?? new Uint8Array(0), { ok: result.ok, ...reason });
  }

  #readRecord(step: Step): void {
    const { command, data, sw } = step;
    if (sw !== SW_9000_SUCCESS) return;
    const state = this.#state;
    const [sfi, number] = [command.p2 >> 3, command.p1];
    if (number === 0 && data.length >= 7 && data[0] !== 0x70) {
      const { head, mac, atc } = parseLoadLog(data);
      const { algorithm, mac: key } = this.#keys.card;
      this.#same(step, 'load-log-mac', computeLoadLogMac(algorithm, deriveSessionKey(algorithm, key, atc), head), mac);
      return;
    }
    const last = state.isLastRecord(sfi, number);
    state.objects.delete('9F69'); // belongs to one transaction
    state.takeRecord(sfi, number, data);
    const { transaction } = state;
    if (!last || transaction === undefined || !transaction.isQpboc || transaction.committed) return;
    transaction.committed = true;
    const capp = transaction.terminal.get('DF60')?.[0] ?? 0;
    if (capp >= 1 && capp <= 3) {
      state.proofs.clear();
      state.proofs.set(state.atc, transaction.card.get('9F26') ?? new Uint8Array(8));
    }
    const signature = transaction.card.get('9F4B') ?? state.objects.get('9F4B');
    if (signature === undefined || state.authenticatedRecords() === undefined) return;
    const cardAuthenticationData = tlvMap(parseTlv(data)).get('9F69');
    const { terminal } = transaction;
    this.#signature(
      step,
      'fdda',
      checkSignature(state, this.#keys, {
        ...{ kind: 'fdda', signature, unpredictableNumber: terminal.get('9F37')!, atc: state.atc },
        ...(cardAuthenticationData === undefined
          ? {}
          : { version01: { amount: terminal.get('9F02')!, currency: terminal.get('5F2A')!, cardAuthenticationData } }),
      }),
    );
  }

  #recordKey(sfi: number, record: Uint8Array): Uint8Array | undefined {
    const known = this.#state.recordKey(sfi, record) ?? this.#keys.recordKeys?.get(sfi);
    // A command for a file that is not there was made with the key of one that is.
    return known ?? this.#state.recordKeyOfId(record) ?? [...(this.#keys.recordKeys?.values() ?? [])][0];
  }

  #readCapp(step: Step): void {
    const { command, data, sw } = step;
    const state = this.#state;
    if (sw !== SW_9000_SUCCESS) return;
    state.responseMac = command.data.length > 2;
    if (!state.responseMac) return;
    const record = data.subarray(0, data.length - MAC_BYTES);
    const key = this.#recordKey(command.p2 >> 3, record);
    if (key === undefined) return;
    this.#same(step, 'read-mac', computeReadMac(key, command.data.subarray(2), record), data.subarray(record.length));
  }

  #updateCapp(step: Step): void {
    const { command, data, sw } = step;
    if (command.data.length <= MAC_BYTES) return;
    const state = this.#state;
    const record = command.data.subarray(0, command.data.length - MAC_BYTES);
    const mac = command.data.subarray(record.length);
    const key = this.#recordKey(command.p2 >> 3, record);
    if (key === undefined) return;
    const computed = computeUpdateMac({ recordKey: key, atc: state.atc, p2: command.p2, record });
    this.#command(step, 'update-mac', computed, mac, SW_6988_MAC_INCORRECT);
    if (sw === SW_9000_SUCCESS && data.length === MAC_BYTES) {
      this.#same(step, 'status-mac', computeStatusMac(key, mac), data);
    }
  }

  #append(step: Step): void {
    const { command, sw } = step;
    const sfi = command.p2 >> 3;
    const openingKey = this.#keys.openingKeys.get(sfi) ?? [...this.#keys.openingKeys.values()][0];
    if (openingKey === undefined || command.cla !== 0x04 || command.data.length < MAC_BYTES) return;
    const body = command.data.subarray(0, command.data.length - MAC_BYTES);
    const [encryptedRecordKey, record] = [body.subarray(0, KEY_BYTES), body.subarray(KEY_BYTES)];
    const algorithm = this.#keys.openingAlgorithm ?? '3DES';
    const input = { openingKey, atc: this.#state.atc, p2: command.p2, encryptedRecordKey, record, algorithm };
    this.#command(
      step,
      'append-mac',
      computeAppendMac(input),
      command.data.subarray(body.length),
      SW_6988_MAC_INCORRECT,
    );
    if (sw !== SW_9000_SUCCESS) return;
    const key = decryptBlocks(ecbMode(algorithm), openingKey, encryptedRecordKey);
    const name = record[2] === record.length - 3 ? toHex(record.subarray(0, 2)) : '';
    this.#state.recordKeys.set(`${sfi}/${name}`, Uint8Array.from(key));
  }

  #proof(step: Step): void {
    const { command, data, sw } = step;
    if (sw !== SW_9000_SUCCESS || command.data.length !== 2) return;
    const known = this.#state.proofs.get((command.data[0]! << 8) | command.data[1]!);
    if (known !== undefined) this.#same(step, 'proof', known, data);
  }

  #externalAuthenticate(step: Step): void {
    const { transaction } = this.#state;
    const { data } = step.command;
    if (transaction === undefined || data.length !== 10) return;
    const request = { atc: this.#state.atc, arqc: transaction.firstCryptogram };
    const code = Buffer.from(data.subarray(8)).toString('latin1');
    if (!/^[0-9A-Z]{2}$/.test(code)) return;
    const { issuerAuthenticationData } = answerOnline(this.#keys.card, request, code);
    const [computed, sent] = [issuerAuthenticationData.subarray(0, 8), data.subarray(0, 8)];
    this.#command(step, 'issuer-authentication', computed, sent, SW_6300_AUTHENTICATION_FAILED);
  }

  #script(step: Step): void {
    const { command, sw } = step;
    const { transaction, atc } = this.#state;
    if (transaction === undefined || command.data.length < SCRIPT_MAC_BYTES) return;
    const { algorithm, mac: macKey, enc } = this.#keys.card;
    const data = command.data.subarray(0, command.data.length - SCRIPT_MAC_BYTES);
    const { cla, ins, p1, p2 } = command;
    const binding = {
      algorithm,
      skMac: deriveSessionKey(algorithm, macKey, atc),
      atc,
      ac: transaction.firstCryptogram,
    };
    const computed = computeScriptMac(binding, [cla, ins, p1, p2], data);
    this.#command(step, 'script-mac', computed, command.data.subarray(data.length), SW_6988_MAC_INCORRECT);
    if (ins !== 0x24 || data.length !== KEY_BYTES || sw !== SW_9000_SUCCESS) return;
    const known = p2 === 1 ? this.#state.pin : undefined;
    if (p2 === 1 && known === undefined) return;
    const skEnc = deriveSessionKey(algorithm, enc, atc);
    const pin = openPinChangeData(algorithm, skEnc, data, {
      udkEnc: enc,
      ...(known === undefined ? {} : { currentPin: known }),
    });
    this.#add(step, 'pin-change', decryptBlocks(ecbMode(algorithm), skEnc, data), { ok: pin !== undefined });
    this.#state.pin = pin;
  }

  #internalAuthenticate(step: Step): void {
    const { command, data, sw } = step;
    const state = this.#state;
    if (sw !== SW_9000_SUCCESS || state.authenticatedRecords() === undefined) return;
    const signature = data[0] === 0x80 ? parseTlv(data)[0]!.value : tlvMap(parseTlv(data)).get('9F4B');
    if (signature === undefined) return;
    const ddolData = concat(command.data);
    this.#signature(
      step,
      'dda',
      checkSignature(state, this.#keys, { kind: 'dda', signature, ddolData, atc: state.atc }),
    );
  }

  #getData({ command, data, sw }: Step): void {
    if (sw === SW_9000_SUCCESS && command.p1 === 0x9f && command.p2 === 0x36 && data.length === 5) {
      this.#state.atc = (data[3]! << 8) | data[4]!;
    }
  }
}
