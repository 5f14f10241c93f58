/**
 * Preparation of cards: numbers, certificates, data groups, and the commands that open the industry applications. Keys
 * stay enciphered for the card; the whole file is sealed for the bureau's zone.
 */
import {
  type CardData,
  type CardProduct,
  cappApplications,
  compileCardData,
  type ElementValues,
  financialApplication,
  type Party,
} from '@polycard/blueprint';
import { bcdFromNumber, concat, fromHex, maskPan, toHex } from '@polycard/bytes';
import { buildIccCertificate, buildIssuerCertificate, staticDataToBeAuthenticated } from '@polycard/emv';
import type { EncipheredKey } from '@polycard/vault';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { CA_KEY_LABEL, issuerCertificateKeyLabel, issuerKeyLabel, type RegionRecord } from '../../region.ts';
import { bulkInsert } from '../../store/bulk.ts';
import { audit } from '../audit/service.ts';
import type { CardOrder, PersonalisationFile } from './api.ts';
import {
  type CardNumbers,
  type Dgi,
  extendedFilesDgi,
  numberValues,
  ppseDgis,
  productValues,
  pseDgis,
} from './card-data.ts';
import {
  applicationsWithoutKeys,
  type PreparedApplication,
  prepareFileApplications,
  storeFileApplications,
} from './file-applications.ts';

const PSN = '01';
const CERTIFICATE_SERIAL_BYTES = 3;
/** Records of the financial application that are made one by one, by their names in its specification. */
const RECORDS = {
  holder: 'track2-and-holder',
  signed: 'static-data',
  issuerCertificate: 'issuer-certificate',
  cardCertificate: 'card-certificate',
} as const;

interface Prepared {
  readonly order: CardOrder;
  readonly product: CardProduct;
  readonly issuer: Party & { issuer: NonNullable<Party['issuer']> };
  readonly numbers: CardNumbers;
  readonly token: string;
}

export class PersonalisationService {
  readonly #context: PlatformContext;
  #compiled: CardData | undefined;
  readonly #issuerCertificates = new Map<string, ElementValues>();

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  async prepare(
    request: { zoneId: string; cardPublicKeys: readonly string[]; cards: readonly CardOrder[] },
    who: string,
  ): Promise<{ zoneId: string; count: number; sealed: string }> {
    const { vault } = this.#context;
    const moduli = request.cardPublicKeys.map(fromHex);
    for (const [index, order] of request.cards.entries()) {
      if (moduli[order.cardKey] === undefined) {
        throw problem(
          'POLYCARD_API_INPUT',
          `card ${index} names public key ${order.cardKey}, the request holds ${moduli.length}`,
          `cards/${index}/cardKey`,
        );
      }
    }
    const prepared = await this.#number(request.cards);
    const [cardKeys, openings, activations, applications] = await Promise.all([
      this.#cardKeys(request.zoneId, prepared),
      this.#openingKeys(request.zoneId, prepared),
      this.#activations(prepared),
      this.#fileApplications(request.zoneId, prepared),
    ]);
    const cards: PersonalisationFile['cards'][number][] = [];
    for (const [index, card] of prepared.entries()) {
      const keys = cardKeys[index]!;
      cards.push({
        token: card.token,
        product: card.product.id,
        panMasked: maskPan(card.numbers.pan),
        dgis: [
          ...this.#cardDgis(card, moduli[card.order.cardKey]!),
          ['8000', toHex(keys.enciphered)],
          ['9000', toHex(keys.checkValues)],
          ['8020', toHex(concat(...openings[index]!.map(({ enciphered }) => enciphered)))],
          ['9020', toHex(concat(...openings[index]!.map(({ checkValue }) => checkValue)))],
        ],
        activations: activations[index]!.map(toHex),
        applications: applications[index]!.map(({ application, aid, dgis }) => ({ application, aid, dgis })),
      });
    }
    await this.#store(prepared, applications, who, request.zoneId);
    const products = new Map(prepared.map((card) => [card.product.id, card]));
    const { profile } = this.#context.region.blueprint.cards;
    const { cappMacAlgorithm } = profile;
    const file: PersonalisationFile = {
      switches: cappMacAlgorithm === undefined ? {} : { cappMacAlgorithm },
      ppse: ppseDgis(profile.aid, profile.label),
      pse: pseDgis(profile.aid, profile.label),
      shared: Object.fromEntries([...products].map(([id, card]) => [id, this.#sharedDgis(card)])),
      cards,
    };
    const sealed = vault.sealForZone(request.zoneId, new TextEncoder().encode(JSON.stringify(file)));
    return { zoneId: request.zoneId, count: cards.length, sealed: Buffer.from(sealed).toString('base64') };
  }

  /** Account numbers in the order asked: issuer's BIN, a serial, the check digit (ISO/IEC 7812-1 Annex B). */
  async #number(orders: readonly CardOrder[]): Promise<Prepared[]> {
    const { region, vault, now } = this.#context;
    const next = await this.#reserveSerials(orders);
    const issued = now();
    const expiryYear = (issued.getUTCFullYear() + region.blueprint.cards.profile.expiresAfterYears) % 100;
    const month = String(issued.getUTCMonth() + 1).padStart(2, '0');
    const expiry = `${String(expiryYear).padStart(2, '0')}${month}`;
    // cards of a replayed past are effective from its beginning
    const effective = '100101';
    return orders.map((order, index) => {
      const product = region.blueprint.cards.products.find((candidate) => candidate.id === order.product);
      if (product === undefined)
        throw problem('POLYCARD_PRODUCT_UNKNOWN', `no card product ${order.product}`, `cards/${index}/product`);
      const issuer = region.blueprint.parties.find((party) => party.id === product.issuer);
      if (issuer?.issuer === undefined)
        throw problem(
          'POLYCARD_PRODUCT_UNKNOWN',
          `product ${product.id} has no issuing bank`,
          `cards/${index}/product`,
        );
      const serial = next.get(issuer.id) ?? 0;
      next.set(issuer.id, serial + 1);
      const body = `${issuer.issuer.bin}${String(serial).padStart(issuer.issuer.panDigits - issuer.issuer.bin.length - 1, '0')}`;
      const pan = `${body}${luhnDigit(body)}`;
      return {
        order,
        product,
        issuer: issuer as Prepared['issuer'],
        numbers: { pan, psn: PSN, expiry, effective },
        token: vault.token(pan),
      };
    });
  }

  /** First serial of each issuer for these orders; what is reserved is never given again, even if the cards are not made. */
  async #reserveSerials(orders: readonly CardOrder[]): Promise<Map<string, number>> {
    const { region, store } = this.#context;
    const wanted = new Map<string, number>();
    for (const order of orders) {
      const product = region.blueprint.cards.products.find((candidate) => candidate.id === order.product);
      if (product !== undefined) wanted.set(product.issuer, (wanted.get(product.issuer) ?? 0) + 1);
    }
    const first = new Map<string, number>();
    for (const [issuer_id, count] of wanted) {
      const { last_serial } = await store.database
        .insertInto('card_serial')
        .values({ issuer_id, last_serial: count })
        .onConflict((conflict) =>
          conflict
            .column('issuer_id')
            .doUpdateSet((row) => ({ last_serial: row('card_serial.last_serial', '+', count) })),
        )
        .returning('last_serial')
        .executeTakeFirstOrThrow();
      first.set(issuer_id, last_serial - count + 1);
    }
    return first;
  }

  async #cardKeys(zoneId: string, prepared: readonly Prepared[]) {
    const { region, vault } = this.#context;
    const trees = {
      ac: region.issuerTree('application-cryptogram').label,
      mac: region.issuerTree('script-mac').label,
      enc: region.issuerTree('script-encryption').label,
    };
    const result = new Array<{ enciphered: Uint8Array; checkValues: Uint8Array }>(prepared.length);
    const byIssuer = Map.groupBy(
      prepared.map((card, index) => ({ card, index })),
      ({ card }) => card.issuer.id,
    );
    for (const [issuerId, group] of byIssuer) {
      const keys = await vault.issueCardKeys(
        {
          ac: issuerKeyLabel(issuerId, trees.ac),
          mac: issuerKeyLabel(issuerId, trees.mac),
          enc: issuerKeyLabel(issuerId, trees.enc),
        },
        zoneId,
        group.map(({ card }) => ({ pan: card.numbers.pan, psn: PSN })),
      );
      group.forEach(({ index }, position) => {
        result[index] = keys[position]!;
      });
    }
    return result;
  }

  /** For each card the opening keys of its product's extended files, in the order of DGI A001. */
  async #openingKeys(zoneId: string, prepared: readonly Prepared[]): Promise<EncipheredKey[][]> {
    const { region, vault } = this.#context;
    return byProduct(prepared, (product, cards) =>
      Promise.all(
        this.#files(product).map((file) =>
          vault.issueOpeningKeys(
            file.activationKey,
            zoneId,
            cards.map((card) => region.factors(file.activationKey, identity(card))),
          ),
        ),
      ),
    );
  }

  /** For each card the APPEND RECORD commands that open its product's records, fresh from personalisation (ATC 0). */
  async #activations(prepared: readonly Prepared[]): Promise<Uint8Array[][]> {
    const { region, vault } = this.#context;
    return byProduct(prepared, (product, cards) =>
      Promise.all(
        [...region.records.values()]
          .filter((record) => product.applications.includes(record.application))
          .map((record) =>
            vault.activate(
              record.activationKey,
              record.managementKey,
              cards.map((card) => ({
                activationFactors: region.factors(record.activationKey, identity(card)),
                managementFactors: region.factors(record.managementKey, identity(card)),
                atc: 0,
                sfi: record.sfi,
                record: this.#initialRecord(record, card),
              })),
            ),
          ),
      ),
    );
  }

  async #fileApplications(zoneId: string, prepared: readonly Prepared[]): Promise<PreparedApplication[][]> {
    const result = new Array<PreparedApplication[]>(prepared.length);
    const groups = Map.groupBy(
      prepared.map((card, index) => ({ card, index })),
      ({ card }) => card.product,
    );
    for (const [product, group] of groups) {
      const cards = group.map(({ card }) => identity(card));
      const applications = await prepareFileApplications(this.#context, zoneId, product, cards);
      group.forEach(({ index }, position) => {
        result[index] = applications[position]!;
      });
    }
    return result;
  }

  #initialRecord(record: RegionRecord, card: Prepared): Uint8Array {
    if (record.type === 'cyclic') return record.codec.initial();
    const classId = card.order.classes?.[record.application] ?? card.product.cardClass;
    const cardClass = this.#context.region.classById(classId);
    const values: Record<string, string | number> = {};
    if (record.codec.field('cardClass') !== undefined) values['cardClass'] = cardClass.code;
    if (record.codec.field('homeCity') !== undefined) values['homeCity'] = card.order.homeCity;
    return record.codec.encode(values, record.codec.initial());
  }

  #cardDgis(card: Prepared, modulus: Uint8Array): Dgi[] {
    const { vault } = this.#context;
    const values = { ...this.#productValues(card), ...numberValues(card.numbers) };
    const statics = this.#data.grouping(this.#data.dgiOf(RECORDS.signed), values);
    const signer = vault.certificateSigner(issuerCertificateKeyLabel(card.issuer.id));
    const serial = bcdFromNumber(Number.parseInt(card.token.slice(0, 5), 16) % 999_999, CERTIFICATE_SERIAL_BYTES);
    const icc = buildIccCertificate(
      {
        subject: card.numbers.pan,
        expiry: `${card.numbers.expiry.slice(2)}${card.numbers.expiry.slice(0, 2)}`,
        serial,
        publicKey: { modulus, exponent: Uint8Array.of(3) },
      },
      signer,
      staticDataToBeAuthenticated(
        [{ sfi: this.#data.sfiOf(RECORDS.signed), bytes: statics }],
        this.#data.constant('interchangeProfile'),
      ),
    );
    const certificate = {
      cardCertificate: icc.certificate,
      cardExponent: icc.exponent,
      cardRemainder: icc.remainder.length === 0 ? undefined : icc.remainder,
    };
    return [
      this.#record(RECORDS.holder, values),
      [this.#data.dgiOf(RECORDS.signed), toHex(statics)],
      this.#record(RECORDS.issuerCertificate, this.#issuerCertificate(card.issuer)),
      this.#record(RECORDS.cardCertificate, certificate),
    ];
  }

  /** The financial application's specification, compiled at the first card. */
  get #data(): CardData {
    if (this.#compiled !== undefined) return this.#compiled;
    const { region } = this.#context;
    const specification = financialApplication(region.blueprint);
    if (specification === undefined) {
      throw problem('POLYCARD_BLUEPRINT_MISSING', 'the blueprint has no financial application', 'applications');
    }
    const { algorithm } = region.issuerTree('application-cryptogram');
    this.#compiled = compileCardData(specification, algorithm === 'SM4');
    return this.#compiled;
  }

  #record(name: string, values: ElementValues): Dgi {
    const dgi = this.#data.dgiOf(name);
    return [dgi, toHex(this.#data.grouping(dgi, values))];
  }

  #productValues(card: Prepared): ElementValues {
    const { region } = this.#context;
    const { manifest, cards } = region.blueprint;
    const { algorithm } = region.issuerTree('application-cryptogram');
    return productValues(cards.profile, card.product, { ...card.issuer.issuer, algorithm }, manifest.region);
  }

  /** Record 1 of SFI 03: the issuer's key under the region's certification authority key; the same on all its cards. */
  #issuerCertificate(issuer: Prepared['issuer']): ElementValues {
    const known = this.#issuerCertificates.get(issuer.id);
    if (known !== undefined) return known;
    const { region, vault, now } = this.#context;
    const { profile } = region.blueprint.cards;
    const publicKey = vault.rsaPublicKey(issuerCertificateKeyLabel(issuer.id));
    const year = String((now().getUTCFullYear() + profile.expiresAfterYears + 5) % 100).padStart(2, '0');
    const built = buildIssuerCertificate(
      { subject: issuer.issuer.bin, expiry: `12${year}`, serial: fromHex('000001'), publicKey },
      vault.certificateSigner(CA_KEY_LABEL),
    );
    const values = {
      caKeyIndex: profile.caIndex,
      issuerCertificate: built.certificate,
      issuerRemainder: built.remainder.length === 0 ? undefined : built.remainder,
      issuerExponent: built.exponent,
    };
    this.#issuerCertificates.set(issuer.id, values);
    return values;
  }

  /** Groupings that are the same on every card of the product: all but the records made one by one. */
  #sharedDgis(card: Prepared): Dgi[] {
    const values = this.#productValues(card);
    const ofCards = new Set(Object.values(RECORDS).map((name) => this.#data.dgiOf(name)));
    const shared = this.#data.dgis.filter((dgi) => !ofCards.has(dgi));
    return [
      ...shared.map((dgi): Dgi => [dgi, toHex(this.#data.grouping(dgi, values))]),
      extendedFilesDgi(this.#files(card.product)),
    ];
  }

  /** The extended files of the product's applications, for DGI A001 and DGI 8020 in one order. */
  #files(product: CardProduct) {
    return cappApplications(this.#context.region.blueprint, product.applications).flatMap((application) =>
      application.files.map((file) => {
        const maximum = Math.max(...file.records.map((record) => record.lengthBytes));
        const size =
          file.type === 'variable'
            ? Uint8Array.of((file.sizeBytes ?? 0) >> 8, (file.sizeBytes ?? 0) & 0xff)
            : Uint8Array.of(file.recordsMax ?? 10, maximum);
        return {
          sfi: Number.parseInt(file.sfi, 16),
          type: file.type,
          maximum,
          size,
          activationKey: file.activationKey,
        };
      }),
    );
  }

  async #store(
    prepared: readonly Prepared[],
    applications: readonly PreparedApplication[][],
    who: string,
    zoneId: string,
  ): Promise<void> {
    const { store, vault, now } = this.#context;
    const time = now();
    const lacking = await applicationsWithoutKeys(this.#context);
    const rows = prepared.map((card) => ({
      token: card.token,
      pan_masked: maskPan(card.numbers.pan),
      pan_last4: card.numbers.pan.slice(-4),
      pan_sealed: toHex(vault.seal(new TextEncoder().encode(card.numbers.pan), `card:${card.token}`)),
      psn: PSN,
      issuer_id: card.issuer.id,
      product: card.product.id,
      card_class: card.product.cardClass,
      home_city: card.order.homeCity,
      expires_on: card.numbers.expiry,
      state: 'active',
      issued_balance_fen: card.product.electronicCash.balanceFen,
      issued_at: time.toISOString(),
    }));
    await store.database.transaction().execute(async (transaction) => {
      await bulkInsert(
        'card',
        [
          { name: 'token', type: 'text' },
          { name: 'pan_masked', type: 'text' },
          { name: 'pan_last4', type: 'text' },
          { name: 'pan_sealed', type: 'hex' },
          { name: 'psn', type: 'text' },
          { name: 'issuer_id', type: 'text' },
          { name: 'product', type: 'text' },
          { name: 'card_class', type: 'text' },
          { name: 'home_city', type: 'text' },
          { name: 'expires_on', type: 'text' },
          { name: 'state', type: 'text' },
          { name: 'issued_balance_fen', type: 'bigint' },
          { name: 'issued_at', type: 'timestamptz' },
        ],
        rows,
      ).execute(transaction);
      await storeFileApplications(
        transaction,
        this.#context.region,
        prepared.map(({ token }, index) => ({ token, applications: applications[index]! })),
      );
      const leftOut = lacking.filter((application) =>
        prepared.some(({ product }) => product.applications.includes(application)),
      );
      const detail = { count: rows.length, ...(leftOut.length === 0 ? {} : { leftOut: leftOut.join(', ') }) };
      await audit(transaction, time, { who, what: 'cards.prepared', subject: zoneId, detail });
    });
  }
}

/**
 * Work done at once for all cards of a product, sorted out by card again: `work` gives one list for each file or record,
 * with one entry for each card.
 */
async function byProduct<T>(
  prepared: readonly Prepared[],
  work: (product: CardProduct, cards: readonly Prepared[]) => Promise<T[][]>,
): Promise<T[][]> {
  const result = new Array<T[]>(prepared.length);
  const groups = Map.groupBy(
    prepared.map((card, index) => ({ card, index })),
    ({ card }) => card.product,
  );
  for (const [product, group] of groups) {
    const lists = await work(
      product,
      group.map(({ card }) => card),
    );
    group.forEach(({ index }, position) => {
      result[index] = lists.map((list) => list[position]!);
    });
  }
  return result;
}

function identity(card: Prepared) {
  return { pan: card.numbers.pan, psn: PSN, homeCityCode: card.order.homeCity };
}

/** Check digit over the digits before it (ISO/IEC 7812-1 Annex B). */
export function luhnDigit(body: string): string {
  let sum = 0;
  for (let index = 0; index < body.length; index++) {
    let digit = Number(body[body.length - 1 - index]);
    if (index % 2 === 0) {
      digit *= 2;
      if (digit > 9) digit -= 9;
    }
    sum += digit;
  }
  return String((10 - (sum % 10)) % 10);
}
