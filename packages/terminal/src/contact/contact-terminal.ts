/**
 * A debit/credit or electronic cash transaction on contact, from selection to the last script.
 * EMV 4.4 Book 3 §10; PBOC 3.0 Parts 5, 6 and 13 as publicly described.
 */
import {
  type AsyncCardChannel,
  bcdFromDigits,
  bcdFromNumber,
  buildDol,
  concat,
  encodeLength,
  encodeTlv,
  parseDol,
  parseTlv,
  SW_9000_SUCCESS,
  swHex,
  tlvMap,
  toHex,
} from '@polycard/bytes';
import { checkCdaSignature, dolAlignment } from '@polycard/emv';
import { fromCard, Refusal, refuse } from '../kernel/outcome.ts';
import { type ApplicationData, emptyApplicationData, parseAfl, takeRecord } from '../kernel/read-application-data.ts';
import { CardLine, type ContactExchange } from './card-line.ts';
import { verifyCardholder } from './cardholder-verification.ts';
import type {
  AuthorisationResponse,
  ContactConfiguration,
  ContactDependencies,
  ContactRequest,
} from './configuration.ts';
import { authenticateData, type DataAuthentication } from './data-authentication.ts';
import { amountOf, byteOf, checkLimits, checkRestrictions, type Request, requestFor } from './risk.ts';
import { type ContactApplication, selectContactApplication } from './select.ts';
import { TerminalResults, TSI, TVR } from './terminal-results.ts';

export interface ScriptResult {
  readonly command: Uint8Array;
  readonly sw: number;
}

export interface ContactOutcome {
  readonly approved: boolean;
  /** What the last GENERATE AC gave; undefined when the dialogue ended before one. */
  readonly kind: Request | undefined;
  readonly online: boolean;
  /** Why, in words, when it was not approved. */
  readonly reason?: string;
  readonly aid: string;
  readonly pan: string;
  readonly authentication: DataAuthentication | undefined;
  readonly tvr: Uint8Array;
  readonly tsi: Uint8Array;
  /** 9F34. */
  readonly verification: Uint8Array | undefined;
  readonly scripts: readonly ScriptResult[];
  /** Everything an acquirer needs, 9F26 of the last cryptogram among it. */
  readonly clearing: ReadonlyMap<string, Uint8Array>;
  /** 9F79 before and after, where electronic cash was asked for, in fen. */
  readonly balanceBeforeFen?: number;
  readonly balanceAfterFen?: number;
  readonly exchanges: readonly ContactExchange[];
}

const MERCHANT_NAME_BYTES = 20;
const P1_KIND: Readonly<Record<Request, number>> = { AAC: 0x00, TC: 0x40, ARQC: 0x80 };
const P1_CDA = 0x10;
/** 9F66, asked for by cards on their contactless interface alone: debit/credit, no qPBOC (byte 1 b7). */
const DEBIT_CREDIT_TTQ = Uint8Array.of(0x40, 0, 0, 0);
const CID_KIND_SHIFT = 6;
const CID_KINDS = ['AAC', 'TC', 'ARQC', undefined] as const;
const AIP_ISSUER_AUTHENTICATION = 0x04;
const AIP_CARDHOLDER_VERIFICATION = 0x10;
const AIP_TERMINAL_RISK = 0x08;
const UNABLE_APPROVED = 'Y3';
const UNABLE_DECLINED = 'Z3';
const DECLINED = '05';
const ACCEPTING_CODES: ReadonlySet<string> = new Set(['00', '10', '11', 'Y1']);

/** Values of one cryptogram, the data that were signed with it, and whether a combined signature held. */
interface Generated {
  readonly kind: Request;
  readonly objects: ReadonlyMap<string, Uint8Array>;
  readonly signatureHeld: boolean;
}

class ContactTransaction {
  readonly #line: CardLine;
  readonly #configuration: ContactConfiguration;
  readonly #request: ContactRequest;
  readonly #dependencies: ContactDependencies;
  readonly #results = new TerminalResults();
  readonly #data: ApplicationData = emptyApplicationData();
  readonly #terminal: Map<string, Uint8Array>;
  readonly #scripts: ScriptResult[] = [];
  readonly #dolData: Uint8Array[] = [];
  #application: ContactApplication | undefined;
  #aip: Uint8Array = new Uint8Array(2);
  #pan = '';
  #authentication: DataAuthentication | undefined;
  #verification: Uint8Array | undefined;
  #last: Generated | undefined;
  #online = false;
  #balances: { before?: number; after?: number } = {};

  constructor(
    line: CardLine,
    configuration: ContactConfiguration,
    request: ContactRequest,
    dependencies: ContactDependencies,
  ) {
    this.#line = line;
    this.#configuration = configuration;
    this.#request = request;
    this.#dependencies = dependencies;
    this.#terminal = new Map<string, Uint8Array>([
      ['9F02', bcdFromNumber(request.amountFen, 6)],
      ['9F03', new Uint8Array(6)],
      ['9F1A', bcdFromDigits(configuration.country, 2)],
      ['5F2A', bcdFromDigits(configuration.currency, 2)],
      ['9A', bcdFromDigits(request.at.slice(2, 8), 3)],
      ['9F21', bcdFromDigits(request.at.slice(8, 14), 3)],
      ['9C', bcdFromDigits(request.transactionType ?? '00', 1)],
      ['9F37', dependencies.random(4)],
      ['9F33', configuration.capabilities],
      ['9F35', configuration.terminalType],
      ['9F7A', Uint8Array.of(request.electronicCash === true ? 1 : 0)],
      ['DF69', Uint8Array.of(configuration.smAlgorithms === true ? 1 : 0)],
      ['95', this.#results.tvr],
      ['9F66', DEBIT_CREDIT_TTQ],
    ]);
    if (configuration.merchantName !== undefined) {
      const name = Buffer.from(configuration.merchantName.padEnd(MERCHANT_NAME_BYTES), 'latin1');
      this.#terminal.set('9F4E', name);
    }
  }

  async run(): Promise<boolean> {
    this.#application = await selectContactApplication(this.#line, this.#configuration.aids);
    if (this.#request.electronicCash === true) await this.#readBalance('before');
    await this.#initiate(this.#application);
    await this.#authenticate(this.#application);
    this.#restrict();
    await this.#verify();
    await this.#limit();
    const request = this.#firstRequest();
    const first = await this.#generate(request, '8C');
    const approved = first.kind === 'ARQC' ? await this.#goOnline(first) : this.#ends(first);
    if (this.#request.electronicCash === true) await this.#readBalance('after');
    return approved;
  }

  async #readBalance(when: 'before' | 'after'): Promise<void> {
    const amount = amountOf(await this.#line.getData(0x9f, 0x79));
    if (amount !== undefined) this.#balances = { ...this.#balances, [when]: amount };
  }

  async #initiate({ pdol }: ContactApplication): Promise<void> {
    const values = buildDol(pdol, (tag) => this.#terminal.get(tag), dolAlignment);
    this.#dolData.push(values);
    const data = concat(Uint8Array.of(0x83), encodeLength(values.length), values);
    const answer = await this.#line.send({ cla: 0x80, ins: 0xa8, p1: 0, p2: 0, data });
    if (answer.sw !== SW_9000_SUCCESS) refuse('declined', `GET PROCESSING OPTIONS answered ${swHex(answer.sw)}`);
    const afl = fromCard(() => {
      if (answer.data[0] === 0x80) {
        const value = parseTlv(answer.data)[0]!.value;
        this.#aip = value.slice(0, 2);
        return value.slice(2);
      }
      const objects = tlvMap(parseTlv(answer.data));
      this.#aip = objects.get('82') ?? refuse('card-data', 'the GPO answer lacks 82');
      return objects.get('94') ?? refuse('card-data', 'the GPO answer lacks 94');
    });
    for (const address of fromCard(() => parseAfl(afl))) {
      const p2 = (address.sfi << 3) | 4;
      const { sw, data: bytes } = await this.#line.send({ cla: 0x00, ins: 0xb2, p1: address.record, p2 });
      if (sw !== SW_9000_SUCCESS)
        refuse('card-data', `READ RECORD ${address.record} of SFI ${address.sfi} answered ${swHex(sw)}`);
      fromCard(() => takeRecord(address, bytes, this.#data));
    }
    const pan = this.#data.objects.get('5A') ?? refuse('card-data', 'the card gives no account number (5A)');
    this.#pan = toHex(pan).replace(/F+$/, '');
  }

  async #authenticate({ aid }: ContactApplication): Promise<void> {
    this.#authentication = await authenticateData(
      this.#line,
      {
        ...{ caKeys: this.#configuration.caKeys, aid, aip: this.#aip, data: this.#data, pan: this.#pan },
        ...{ date: this.#request.at.slice(2, 8), capabilities: this.#configuration.capabilities },
        terminal: (tag) => this.#terminal.get(tag),
      },
      this.#results,
    );
  }

  #restrict(): void {
    const { applicationVersion } = this.#configuration;
    const facts = { objects: this.#data.objects, date: this.#request.at.slice(2, 8), applicationVersion };
    fromCard(() => checkRestrictions({ ...facts, country: this.#terminal.get('9F1A')! }, this.#results));
  }

  async #verify(): Promise<void> {
    // Electronic cash is a purse: nobody is asked who holds it.
    if (this.#request.electronicCash === true || (this.#aip[0]! & AIP_CARDHOLDER_VERIFICATION) === 0) return;
    this.#verification = await verifyCardholder(
      this.#line,
      {
        list: this.#data.objects.get('8E'),
        capabilities: this.#configuration.capabilities,
        amountFen: this.#request.amountFen,
        pin: this.#request.pin,
        cardKey: this.#authentication?.cardKey,
        random: this.#dependencies.random,
      },
      this.#results,
    );
    this.#terminal.set('9F34', this.#verification);
  }

  async #limit(): Promise<void> {
    if ((this.#aip[0]! & AIP_TERMINAL_RISK) === 0) return;
    const { objects } = this.#data;
    const [lowerLimit, upperLimit] = [byteOf(objects, '9F14'), byteOf(objects, '9F23')];
    const counts = lowerLimit !== undefined && upperLimit !== undefined;
    const counter = async (p2: number): Promise<number | undefined> => {
      const value = counts ? await this.#line.getData(0x9f, p2) : undefined;
      return value?.length === 2 ? (value[0]! << 8) | value[1]! : undefined;
    };
    checkLimits(
      {
        ...{ amountFen: this.#request.amountFen, floorLimitFen: this.#configuration.floorLimitFen },
        ...{ forceOnline: this.#request.forceOnline === true, isDenied: this.#request.isDenied?.(this.#pan) === true },
        ...{ lowerLimit, upperLimit, atc: await counter(0x36), lastOnlineAtc: await counter(0x13) },
      },
      this.#results,
    );
  }

  #firstRequest(): Request {
    const reach = this.#dependencies.issuer === undefined ? 'offline-only' : 'can-go-online';
    const { actionCodes } = this.#configuration;
    const request = requestFor(this.#results.tvr, this.#data.objects, actionCodes, reach);
    return request === 'TC' && this.#request.forceOnline === true && reach === 'can-go-online' ? 'ARQC' : request;
  }

  async #generate(request: Request, dolTag: '8C' | '8D', responseCode?: string): Promise<Generated> {
    const dol = fromCard(() => parseDol(this.#data.objects.get(dolTag) ?? new Uint8Array(0), dolTag));
    if (responseCode !== undefined) this.#terminal.set('8A', Buffer.from(responseCode, 'latin1'));
    const values = buildDol(dol, (tag) => this.#terminal.get(tag), dolAlignment);
    const cardKey = this.#authentication?.method === 'CDA' ? this.#authentication.cardKey : undefined;
    const signed = cardKey !== undefined && request !== 'AAC';
    const p1 = P1_KIND[request] | (signed ? P1_CDA : 0);
    const answer = await this.#line.send({ cla: 0x80, ins: 0xae, p1, p2: 0, data: values });
    if (answer.sw !== SW_9000_SUCCESS) refuse('declined', `GENERATE AC answered ${swHex(answer.sw)}`);
    this.#results.performed(TSI.cardRiskManagement);
    this.#dolData.push(values);
    const objects = fromCard(() => cryptogramObjects(answer.data));
    let signatureHeld = true;
    const signature = objects.get('9F4B');
    if (signed && cardKey !== undefined && CID_KINDS[objects.get('9F27')![0]! >> CID_KIND_SHIFT] !== 'AAC') {
      const verified =
        signature === undefined
          ? ({ ok: false } as const)
          : checkCdaSignature(cardKey, signature, {
              unpredictableNumber: this.#terminal.get('9F37')!,
              transactionData: this.#dolData,
              responseObjects: ['9F27', '9F36', '9F10'].map((tag) => encodeTlv(tag, objects.get(tag)!)),
            });
      signatureHeld = verified.ok && verified.cid === objects.get('9F27')![0];
      if (verified.ok) objects.set('9F26', verified.ac);
      this.#authentication = { ...this.#authentication!, ok: signatureHeld };
      if (!signatureHeld) this.#results.found(TVR.cdaFailed);
    }
    const kind =
      CID_KINDS[objects.get('9F27')![0]! >> CID_KIND_SHIFT] ?? refuse('card-data', 'the CID names no cryptogram');
    this.#last = { kind, objects, signatureHeld };
    return this.#last;
  }

  #ends(generated: Generated): boolean {
    return generated.kind === 'TC' && generated.signatureHeld;
  }

  async #goOnline(first: Generated): Promise<boolean> {
    // A combined signature that does not hold: the card is not to be trusted with an online approval either.
    if (!first.signatureHeld) return this.#ends(await this.#generate('AAC', '8D', UNABLE_DECLINED));
    const answer = await this.#dependencies.issuer?.(this.clearing());
    if (answer === undefined) {
      const { actionCodes } = this.#configuration;
      const request = requestFor(this.#results.tvr, this.#data.objects, actionCodes, 'was-not-reached');
      return this.#ends(await this.#generate(request, '8D', request === 'TC' ? UNABLE_APPROVED : UNABLE_DECLINED));
    }
    this.#online = true;
    await this.#authenticateIssuer(answer);
    await this.#runScripts(answer.scriptsBefore ?? [], TVR.scriptFailedBefore);
    const accepted = ACCEPTING_CODES.has(answer.responseCode);
    const second = await this.#generate(accepted ? 'TC' : 'AAC', '8D', answer.responseCode || DECLINED);
    await this.#runScripts(answer.scriptsAfter ?? [], TVR.scriptFailedAfter);
    return this.#ends(second);
  }

  async #authenticateIssuer({ issuerAuthenticationData: data }: AuthorisationResponse): Promise<void> {
    if (data === undefined || (this.#aip[0]! & AIP_ISSUER_AUTHENTICATION) === 0) return;
    this.#results.performed(TSI.issuerAuthentication);
    const { sw } = await this.#line.sendQuietly({ cla: 0x00, ins: 0x82, p1: 0, p2: 0, data });
    if (sw !== SW_9000_SUCCESS) this.#results.found(TVR.issuerAuthenticationFailed);
  }

  /** Scripts go on until one is refused with an error; a warning (62xx, 63xx) is no error (EMV 4.4 Book 3 §10.10). */
  async #runScripts(scripts: readonly Uint8Array[], failure: (typeof TVR)[keyof typeof TVR]): Promise<void> {
    if (scripts.length > 0) this.#results.performed(TSI.scripts);
    for (const command of scripts) {
      const { sw } = await this.#line.bytes(command);
      this.#scripts.push({ command, sw });
      if (sw === SW_9000_SUCCESS || sw >> 8 === 0x62 || sw >> 8 === 0x63) continue;
      this.#results.found(failure);
      return;
    }
  }

  clearing(): Map<string, Uint8Array> {
    const objects = new Map(this.#terminal);
    for (const tag of ['57', '5A', '5F24', '5F34', '9F63']) {
      const value = this.#data.objects.get(tag);
      if (value !== undefined) objects.set(tag, value);
    }
    objects.set('82', this.#aip).set('95', this.#results.tvr.slice()).set('9B', this.#results.tsi.slice());
    if (this.#application !== undefined) objects.set('84', this.#application.aid);
    for (const [tag, value] of this.#last?.objects ?? []) if (tag !== '9F4B') objects.set(tag, value);
    return objects;
  }

  outcome(approved: boolean, reason?: string): ContactOutcome {
    const why = reason ?? (approved ? undefined : this.#declineReason());
    return {
      approved,
      kind: this.#last?.kind,
      online: this.#online,
      ...(why === undefined ? {} : { reason: why }),
      aid: this.#application === undefined ? '' : toHex(this.#application.aid),
      pan: this.#pan,
      authentication: this.#authentication,
      tvr: this.#results.tvr.slice(),
      tsi: this.#results.tsi.slice(),
      verification: this.#verification,
      scripts: this.#scripts,
      clearing: this.clearing(),
      ...(this.#balances.before === undefined ? {} : { balanceBeforeFen: this.#balances.before }),
      ...(this.#balances.after === undefined ? {} : { balanceAfterFen: this.#balances.after }),
      exchanges: this.#line.exchanges,
    };
  }

  #declineReason(): string {
    if (this.#last === undefined) return 'the card was not asked for a cryptogram';
    if (!this.#last.signatureHeld) return 'the combined signature does not hold';
    return this.#online ? 'declined by the issuer or by the card after its answer' : 'declined offline';
  }
}

/** Objects of an answer to GENERATE AC in either format. */
function cryptogramObjects(answer: Uint8Array): Map<string, Uint8Array> {
  const objects = new Map<string, Uint8Array>();
  if (answer[0] === 0x80) {
    const value = parseTlv(answer)[0]!.value;
    if (value.length < 11) refuse('card-data', `the answer to GENERATE AC has ${value.length} bytes`);
    objects.set('9F27', value.slice(0, 1)).set('9F36', value.slice(1, 3)).set('9F26', value.slice(3, 11));
    if (value.length > 11) objects.set('9F10', value.slice(11));
    return objects;
  }
  for (const [tag, value] of tlvMap(parseTlv(answer))) objects.set(tag, value);
  for (const tag of ['9F27', '9F36', '9F10']) if (!objects.has(tag)) refuse('card-data', `the answer lacks ${tag}`);
  return objects;
}

/**
 * One transaction. A card that is refused is an outcome with its reason; `POLYCARD_CHANNEL_CARD_LOST` is thrown when it
 * leaves.
 */
export async function runContactTransaction(
  channel: AsyncCardChannel,
  configuration: ContactConfiguration,
  request: ContactRequest,
  dependencies: ContactDependencies,
): Promise<ContactOutcome> {
  const transaction = new ContactTransaction(new CardLine(channel), configuration, request, dependencies);
  try {
    return transaction.outcome(await transaction.run());
  } catch (error) {
    if (error instanceof Refusal) return transaction.outcome(false, error.message);
    throw error;
  }
}
