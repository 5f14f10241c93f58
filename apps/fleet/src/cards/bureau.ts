/**
 * The personalisation bureau: blank virtual cards become bank cards. It opens the platform's sealed file, loads each
 * card by STORE DATA and opens the industry applications by APPEND RECORD.
 *
 * In this simulation a pool of card RSA keys is shared between cards (a real bureau makes one for each card), and cards
 * take the short way: they carry the zone's transport key as their personalisation key. `prepare` gives the same data
 * for the long way, through a secure channel.
 */
import { fromHex, PolycardError, parseResponse, SW_9000_SUCCESS, swHex, toHex } from '@polycard/bytes';
import {
  AID_PBOC_DEBIT,
  AID_PPSE,
  AID_PSE,
  type CardSnapshot,
  type DataGrouping,
  encodeStoreData,
  type PbocSwitches,
  VirtualCard,
} from '@polycard/card';
import { generateRsaKey, type RandomSource, type RsaPrivateParts } from '@polycard/crypto';
import type { ScpNumber } from '@polycard/globalplatform';
import { openFromZone } from '@polycard/vault';
import type { PlatformPosts, Zone } from '../link/api-client.ts';
import type { PlannedCard } from '../plan/plan.ts';
import { type CardMaker, newCardMaker, personaliseOverChannel } from './personalise-over-channel.ts';
import { crtGroupings, type PreparedCard } from './prepared-card.ts';

const CARDS_PER_REQUEST = 500;
const CARDS_BETWEEN_TURNS = 8;
const RSA_POOL_KEYS = 24;

type Dgi = readonly [dgi: string, hex: string];

/** Inside the sealed file; the platform's `PersonalisationFile`. */
interface OpenedFile {
  readonly switches: Partial<PbocSwitches>;
  readonly ppse: readonly Dgi[];
  readonly pse: readonly Dgi[];
  readonly shared: Readonly<Record<string, readonly Dgi[]>>;
  readonly cards: readonly {
    readonly token: string;
    readonly product: string;
    readonly panMasked: string;
    readonly dgis: readonly Dgi[];
    readonly activations: readonly string[];
    readonly applications: readonly {
      readonly application: string;
      readonly aid: string;
      readonly dgis: readonly Dgi[];
    }[];
  }[];
}

/** A finished card, kept as a snapshot until it taps: thirty thousand cards fit in memory that way. */
export interface IssuedCard {
  readonly token: string;
  readonly panMasked: string;
  readonly snapshot: CardSnapshot;
}

export class Bureau {
  readonly #api: PlatformPosts;
  readonly #zone: Zone;
  readonly #random: RandomSource;
  readonly #pool: readonly RsaPrivateParts[];
  readonly #maker: CardMaker | undefined;

  /** With `over`, cards are personalised through their secure channel; without, the short way. */
  constructor(api: PlatformPosts, zone: Zone, random: RandomSource, rsaBits: number, over?: ScpNumber) {
    this.#api = api;
    this.#zone = zone;
    this.#random = random;
    this.#pool = Array.from({ length: RSA_POOL_KEYS }, () => generateRsaKey(random, rsaBits / 8));
    this.#maker = over === undefined ? undefined : newCardMaker(over, random);
  }

  /** Issues the planned cards in their order. */
  async issue(cards: readonly PlannedCard[], onProgress: (done: number) => void): Promise<IssuedCard[]> {
    const issued: IssuedCard[] = [];
    if (cards.length === 0) return issued;
    let next = this.#order(cards, 0);
    while (issued.length < cards.length) {
      const { sealed } = await next;
      const from = issued.length;
      // the platform prepares the next batch while this one is written on cards
      if (from + CARDS_PER_REQUEST < cards.length) {
        next = this.#order(cards, from + CARDS_PER_REQUEST);
        // its failure is met when it is awaited, after this batch
        next.catch(() => undefined);
      }
      for (const [offset, card] of this.#opened(sealed, from).entries()) {
        // personalising never waits: without this the order for the next batch would leave only after this one
        if (offset % CARDS_BETWEEN_TURNS === 0) await new Promise((resolve) => setImmediate(resolve));
        const snapshot =
          this.#maker === undefined
            ? this.#personalise(card)
            : await personaliseOverChannel(card, this.#zone.key, this.#maker);
        issued.push({ token: card.token, panMasked: card.panMasked, snapshot });
      }
      onProgress(issued.length);
    }
    return issued;
  }

  /** What the platform prepared for these cards, nothing written yet. */
  async prepare(cards: readonly PlannedCard[]): Promise<PreparedCard[]> {
    const prepared: PreparedCard[] = [];
    while (prepared.length < cards.length) {
      const { sealed } = await this.#order(cards, prepared.length);
      prepared.push(...this.#opened(sealed, prepared.length));
    }
    return prepared;
  }

  #order(cards: readonly PlannedCard[], from: number): Promise<{ sealed: string }> {
    return this.#api.post('/api/personalisation', {
      zoneId: this.#zone.zoneId,
      cardPublicKeys: this.#pool.map((key) => toHex(key.modulus)),
      cards: cards.slice(from, from + CARDS_PER_REQUEST).map((card, offset) => ({
        product: card.product,
        homeCity: card.homeCity,
        classes: card.classes,
        cardKey: (from + offset) % RSA_POOL_KEYS,
      })),
    });
  }

  #opened(sealed: string, from: number): PreparedCard[] {
    const bytes = openFromZone(this.#zone.zoneId, this.#zone.key, Buffer.from(sealed, 'base64'));
    const file = JSON.parse(new TextDecoder().decode(bytes)) as OpenedFile;
    const [ppse, pse] = [file.ppse.map(grouping), file.pse.map(grouping)];
    return file.cards.map(({ token, product, panMasked, dgis, activations, applications }, offset) => ({
      ...{ token, product, panMasked, switches: file.switches, ppse, pse, activations },
      groupings: [...(file.shared[product] ?? []), ...dgis].map(grouping),
      applications: applications.map(({ application, aid, dgis: own }) => ({
        ...{ application, aid: fromHex(aid) },
        groupings: own.map(grouping),
      })),
      key: this.#pool[(from + offset) % RSA_POOL_KEYS]!,
    }));
  }

  #personalise({ switches, ppse, pse, groupings, applications, key, activations }: PreparedCard): CardSnapshot {
    const card = new VirtualCard({
      random: this.#random,
      personalisationKey: this.#zone.key,
      interface: 'contactless',
      applications: applications.map(({ aid }) => ({ module: 'industry-files', aid })),
      ...(Object.keys(switches).length === 0 ? {} : { switches }),
    });
    load(card, AID_PPSE, encodeStoreData(ppse));
    load(card, AID_PSE, encodeStoreData(pse));
    for (const { aid, groupings: own } of applications) load(card, aid, encodeStoreData(own));
    // CRT parts are enciphered here, under the same key; the platform's secret groups come enciphered already
    const own = encodeStoreData(crtGroupings(key), this.#zone.key);
    const theirs = encodeStoreData(groupings);
    load(card, AID_PBOC_DEBIT, renumber([...own, ...theirs]));
    for (const activation of activations) expectSuccess(card, fromHex(activation), 'APPEND RECORD');
    return card.snapshot();
  }
}

const grouping = ([dgi, hex]: Dgi): DataGrouping => ({ dgi, data: fromHex(hex) });

/** Block numbers from 0, and the last-block bit on the last one only. */
function renumber(commands: readonly Uint8Array[]): Uint8Array[] {
  return commands.map((command, index) => {
    const numbered = Uint8Array.from(command);
    numbered[2] = index === commands.length - 1 ? numbered[2]! | 0x80 : numbered[2]! & 0x7f;
    numbered[3] = index;
    return numbered;
  });
}

function load(card: VirtualCard, aid: Uint8Array, commands: readonly Uint8Array[]): void {
  expectSuccess(card, Uint8Array.from([0x00, 0xa4, 0x04, 0x00, aid.length, ...aid, 0x00]), 'SELECT');
  for (const command of commands) expectSuccess(card, command, `STORE DATA ${toHex(command.subarray(5, 7))}`);
}

function expectSuccess(card: VirtualCard, command: Uint8Array, what: string): void {
  const { sw } = parseResponse(card.transmit(command));
  if (sw !== SW_9000_SUCCESS) {
    throw new PolycardError('POLYCARD_FLEET_PERSONALISATION', `the card answered ${swHex(sw)} to ${what}`, {
      where: what,
      expected: '9000',
    });
  }
}
