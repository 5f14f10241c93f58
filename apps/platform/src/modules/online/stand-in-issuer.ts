/**
 * The issuer that stands in for the banks: it personalised the cards, so the keys that prove their cryptograms and seal
 * scripts are in the vault. Sales and loads are granted up to the blueprint's limits (`docking.standIn`), or not at all.
 */
import { bcdFromNumber, concat, fromHex, numberFromBcd, PolycardError, toHex } from '@polycard/bytes';
import {
  encodeScriptTemplate,
  finishedScript,
  type IssuerDiscretionaryData,
  iddMacInput,
  type LoadLog,
  parseIssuerApplicationData,
  parseLoadLog,
  type ScriptHeader,
  scriptMacInput,
} from '@polycard/emv';
import type { CryptogramCheck } from '@polycard/vault';
import type { Transaction } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { issuerKeyLabel } from '../../region.ts';
import type { Tables } from '../../store/tables.ts';
import { cryptogramInput } from '../clearing/cryptogram.ts';
import type { Issuer, IssuerAnswer, IssuerRequest } from './issuer.ts';
import { readSpent, readUsedCounters } from './store.ts';
import { ONLINE_CODES } from './transactions.ts';

/**
 * Where the script of a load stands: after the second GENERATE AC, so that the card has taken the issuer's answer before
 * its balance changes. The sources name both templates and do not say which: a switch.
 */
const LOAD_SCRIPT_TEMPLATE = '72';
/** PUT DATA 9F79: a load sets the balance. */
const PUT_BALANCE: ScriptHeader = [0x04, 0xda, 0x9f, 0x79];
const AMOUNT_BYTES = 6;
/** Identifiers of discretionary data that begin with the balance of electronic cash. */
const BALANCE_IDS: ReadonlySet<number> = new Set([1, 3]);

interface Proof {
  readonly check: CryptogramCheck & { readonly card: NonNullable<CryptogramCheck['card']> };
  readonly discretionary: IssuerDiscretionaryData | undefined;
}

/** What is decided of one request before the card is answered. */
interface Verdict {
  readonly code: string;
  readonly proof?: Proof;
  readonly isFresh: boolean;
  readonly cardBalanceFen?: number;
}

export class StandInIssuer implements Issuer {
  readonly #context: PlatformContext;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  async authorise(requests: readonly IssuerRequest[], transaction: Transaction<Tables>): Promise<IssuerAnswer[]> {
    if (requests.length === 0) return [];
    const tokens = [...new Set(requests.map(({ card }) => card.token))];
    const books = {
      used: await readUsedCounters(transaction, tokens),
      spent: await readSpent(transaction, tokens, requests[0]!.businessDate),
    };
    const proofs = await this.#prove(requests);
    const balances = await this.#balances(requests, proofs);
    const loads = await this.#loads(requests, proofs);
    const verdicts = requests.map((request, index) => this.#decide(request, proofs[index], balances[index], books));
    const answers = await this.#arpcs(requests, verdicts);
    const scripts = await this.#loadScripts(requests, verdicts);
    return verdicts.map(({ code, proof, isFresh, cardBalanceFen }, index) => {
      const [issuerAuthentication, script, cardLoads] = [answers[index], scripts[index], loads[index]];
      return {
        code,
        provedAtc: proof !== undefined && isFresh ? proof.check.atc : null,
        ...(issuerAuthentication === undefined ? {} : { issuerAuthentication }),
        ...(script === undefined ? {} : { script }),
        ...(cardBalanceFen === undefined ? {} : { cardBalanceFen }),
        ...(isFresh && cardLoads !== undefined ? { cardLoads } : {}),
      };
    });
  }

  /** Every cryptogram of the group in one call to the vault; undefined for one that is wrong. */
  async #prove(requests: readonly IssuerRequest[]): Promise<(Proof | undefined)[]> {
    const tree = this.#context.region.issuerTree('application-cryptogram').label;
    const candidates = requests.map(({ card, chip }): Proof | undefined => {
      try {
        const { input, atc } = cryptogramInput(chip);
        const { discretionary } = parseIssuerApplicationData(fromHex(chip['9F10'] ?? ''));
        const cryptogram = fromHex(chip['9F26'] ?? '');
        const label = issuerKeyLabel(card.issuerId, tree);
        return { check: { label, card: { pan: card.pan, psn: card.psn }, atc, input, cryptogram }, discretionary };
      } catch (error) {
        // objects that are missing or malformed prove nothing
        if (error instanceof PolycardError) return undefined;
        throw error;
      }
    });
    const asked = candidates.filter((proof) => proof !== undefined);
    const verdicts = await this.#context.vault.verifyCryptograms(asked.map(({ check }) => check));
    const right = new Set(asked.filter((_, index) => verdicts[index]!.verified));
    return candidates.map((proof) => (proof !== undefined && right.has(proof) ? proof : undefined));
  }

  /** What the card says it has, where a load needs it and the card's MAC over it holds. */
  async #balances(
    requests: readonly IssuerRequest[],
    proofs: readonly (Proof | undefined)[],
  ): Promise<(number | undefined)[]> {
    const needed = requests.map((request, index) => {
      const [proof, discretionary] = [proofs[index], proofs[index]?.discretionary];
      return request.business === 'cash-load' && discretionary !== undefined && BALANCE_IDS.has(discretionary.id)
        ? { issuerId: request.card.issuerId, check: proof!.check, discretionary }
        : undefined;
    });
    const macs = await this.#macs(
      needed.map(
        (entry) => entry && { ...entry, data: iddMacInput({ atc: entry.check.atc, value: entry.discretionary.value }) },
      ),
    );
    return needed.map((entry, index) =>
      entry !== undefined && toHex(macs[index]!) === toHex(entry.discretionary.mac)
        ? numberFromBcd(entry.discretionary.value.subarray(0, 5))
        : undefined,
    );
  }

  /** Which loads a card says it took, where its MAC over the log holds and the log was read in this visit. */
  async #loads(
    requests: readonly IssuerRequest[],
    proofs: readonly (Proof | undefined)[],
  ): Promise<(readonly number[] | undefined)[]> {
    const logs = requests.map(({ card, loadLog }, index) => {
      const proof = proofs[index];
      const log = proof === undefined || loadLog === undefined ? undefined : readLog(loadLog);
      // read before GET PROCESSING OPTIONS it is under the counter before, read after it under this one
      if (log === undefined || ![proof!.check.atc, proof!.check.atc - 1].includes(log.atc)) return undefined;
      return { issuerId: card.issuerId, check: { ...proof!.check, atc: log.atc }, data: log.head, log };
    });
    const macs = await this.#macs(logs);
    return logs.map((entry, index) =>
      entry !== undefined && toHex(macs[index]!) === toHex(entry.log.mac)
        ? entry.log.entries.map(({ atc }) => atc)
        : undefined,
    );
  }

  #decide(
    request: IssuerRequest,
    proof: Proof | undefined,
    cardBalanceFen: number | undefined,
    books: { readonly used: Set<string>; readonly spent: Map<string, number> },
  ): Verdict {
    const counter = `${request.card.token}|${proof?.check.atc}`;
    if (proof === undefined) return { code: ONLINE_CODES.suspectedFraud, isFresh: false };
    if (books.used.has(counter)) return { code: ONLINE_CODES.suspectedFraud, proof, isFresh: false };
    books.used.add(counter);
    const code = this.#codeOf(request, cardBalanceFen, books.spent.get(request.card.token) ?? 0);
    if (code === ONLINE_CODES.approved && request.business === 'sale')
      books.spent.set(request.card.token, (books.spent.get(request.card.token) ?? 0) + request.amountFen);
    return { code, proof, isFresh: true, ...(cardBalanceFen === undefined ? {} : { cardBalanceFen }) };
  }

  #codeOf({ business, card, chip, amountFen }: IssuerRequest, cardBalanceFen: number | undefined, spentFen: number) {
    if (business === 'inquiry') return ONLINE_CODES.approved;
    if (Number(chip['9F02'] ?? Number.NaN) !== amountFen) return ONLINE_CODES.invalidAmount;
    const { terminals, cards } = this.#context.region.blueprint;
    const standIn = terminals.docking?.standIn;
    if (standIn === undefined) return ONLINE_CODES.issuerUnavailable;
    if (business === 'sale') {
      const isWithin = amountFen <= standIn.transactionLimitFen && spentFen + amountFen <= standIn.dayLimitFen;
      return isWithin ? ONLINE_CODES.approved : ONLINE_CODES.overLimit;
    }
    if (amountFen === 0) return ONLINE_CODES.invalidAmount;
    // without the card's word for what it has there is nothing to add to
    if (cardBalanceFen === undefined) return ONLINE_CODES.suspectedFraud;
    const product = cards.products.find(({ id }) => id === card.product);
    const limitFen = product?.electronicCash.balanceLimitFen ?? 0;
    return cardBalanceFen + amountFen <= limitFen ? ONLINE_CODES.approved : ONLINE_CODES.overLimit;
  }

  /** ARPC and response code of every cryptogram that was right, one call for each key. */
  async #arpcs(requests: readonly IssuerRequest[], verdicts: readonly Verdict[]): Promise<(Uint8Array | undefined)[]> {
    const answers = new Array<Uint8Array | undefined>(requests.length);
    const right = verdicts.flatMap(({ proof, code }, index) => (proof === undefined ? [] : [{ proof, code, index }]));
    for (const [label, group] of Map.groupBy(right, ({ proof }) => proof.check.label)) {
      const asked = group.map(({ proof: { check }, code }) => ({
        ...{ card: check.card, atc: check.atc, cryptogram: check.cryptogram },
        arc: Uint8Array.from(Buffer.from(code, 'latin1')),
      }));
      const arpcs = await this.#context.vault.answerCryptograms(label, asked);
      group.forEach(({ index }, position) => {
        answers[index] = concat(arpcs[position]!, asked[position]!.arc);
      });
    }
    return answers;
  }

  /** PUT DATA of the balance as it shall be, for every load that is granted (PBOC 3.0 Part 13, as publicly described). */
  async #loadScripts(
    requests: readonly IssuerRequest[],
    verdicts: readonly Verdict[],
  ): Promise<(Uint8Array | undefined)[]> {
    const granted = requests.map(({ business, amountFen, card }, index) => {
      const { code, proof, cardBalanceFen } = verdicts[index]!;
      if (business !== 'cash-load' || code !== ONLINE_CODES.approved || proof === undefined) return undefined;
      const value = bcdFromNumber(cardBalanceFen! + amountFen, AMOUNT_BYTES);
      const { atc, cryptogram: ac } = proof.check;
      return {
        issuerId: card.issuerId,
        check: proof.check,
        value,
        data: scriptMacInput({ atc, ac }, PUT_BALANCE, value),
      };
    });
    const macs = await this.#macs(granted);
    return granted.map((entry, index) => {
      if (entry === undefined) return undefined;
      const identifier = bcdFromNumber(entry.check.atc, 4);
      const command = finishedScript(PUT_BALANCE, entry.value, macs[index]!);
      return encodeScriptTemplate({ template: LOAD_SCRIPT_TEMPLATE, identifier, commands: [command] });
    });
  }

  /** MACs under the cards' session keys, one call for each issuer; where there is nothing to seal, nothing is given. */
  async #macs(
    entries: readonly (
      | { readonly issuerId: string; readonly check: Proof['check']; readonly data: Uint8Array }
      | undefined
    )[],
  ): Promise<(Uint8Array | undefined)[]> {
    const macs = new Array<Uint8Array | undefined>(entries.length);
    const tree = this.#context.region.issuerTree('script-mac').label;
    const present = entries.flatMap((entry, index) => (entry === undefined ? [] : [{ entry, index }]));
    for (const [issuerId, group] of Map.groupBy(present, ({ entry }) => entry.issuerId)) {
      const asked = group.map(({ entry: { check, data } }) => ({ card: check.card, atc: check.atc, data }));
      const found = await this.#context.vault.scriptMacs(issuerKeyLabel(issuerId, tree), asked);
      group.forEach(({ index }, position) => {
        macs[index] = found[position]!;
      });
    }
    return macs;
  }
}

function readLog(hex: string): LoadLog | undefined {
  try {
    return parseLoadLog(fromHex(hex));
  } catch (error) {
    if (error instanceof PolycardError) return undefined;
    throw error;
  }
}
