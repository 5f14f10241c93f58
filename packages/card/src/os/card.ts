/**
 * The virtual card: power and interface around the OPEN and its applications.
 *
 * It is a `CardChannel`: the terminal, the personaliser and a PC/SC bridge use it as they would use a real one.
 * ISO 7816-4:2020 §7.1.1, EMV 4.4 Book 1 §11.3 (SELECT) and GPC 2.3.1 (card content).
 */
import {
  type CardChannel,
  type CommandApdu,
  encodeResponse,
  PolycardError,
  parseCommand,
  SW_6F00_NO_PRECISE_DIAGNOSIS,
  SW_6700_WRONG_LENGTH,
  toHex,
} from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import {
  DEFAULT_PROTOCOL,
  DIVERSIFICATION_DATA_BYTES,
  type ScpNumber,
  type SecureChannelProtocol,
  type StaticKeys,
} from '@polycard/globalplatform';
import { type PbocSwitches, SWITCHES_AS_PUBLICLY_DESCRIBED } from '../applets/pboc/switches.ts';
import type { AppletSnapshot, CardInterface } from './applet.ts';
import { type ApplicationOnCard, restoreApplication, type SavedApplication, saveApplication } from './applications.ts';
import { AID_ISSUER_DOMAIN } from './domain/issuer-domain.ts';
import { INSTALLED_AT_FACTORY, LOAD_FILES, type LoadFile, SOURCE_OF_ORDERED } from './load-files.ts';
import { fromBase64, type MemorySnapshot, toBase64 } from './memory.ts';
import { Open } from './open.ts';
import { PowerCut, type PowerCutHook, PowerSupply } from './power.ts';
import { APPLICATION_SELECTABLE, CARD_STATE, Registry, type RegistryState } from './registry.ts';

/** The keys of the issuer security domain. */
export interface IssuerKeys {
  /** 01 to 7F, or FF for keys that the first PUT KEY replaces. */
  readonly version: number;
  readonly keys: StaticKeys;
}

export interface VirtualCardOptions {
  readonly random: RandomSource;
  /**
   * 16 bytes, 3DES: secret personalisation data may arrive under it without a secure channel. For simulations that
   * personalise tens of thousands of cards; a card without it takes personalisation data through its secure channel only.
   */
  readonly personalisationKey?: Uint8Array;
  readonly interface?: CardInterface;
  /** Readings of facts the sources leave open. */
  readonly switches?: Partial<PbocSwitches>;
  /** Further applications, blank until personalised. */
  readonly applications?: readonly ApplicationOnCard[];
  /** Without them the issuer domain cannot be authenticated to. */
  readonly issuerKeys?: IssuerKeys;
  /** Secure channel of the issuer domain; SCP03 with i=70 unless given. */
  readonly protocol?: SecureChannelProtocol;
  /** Only the issuer domain and the load files, life cycle OP_READY; else the applications are installed and the card SECURED. */
  readonly blank?: boolean;
  /** Key diversification data, 10 bytes; zeros unless given. */
  readonly chipId?: Uint8Array;
}

/** The whole card as plain data. It holds clear card keys, as a chip does: keep it where keys may be. */
export interface CardSnapshot {
  readonly format: 'polycard-card-1';
  readonly interface: CardInterface;
  readonly personalisationKey?: string;
  readonly switches?: Partial<PbocSwitches>;
  readonly further?: readonly SavedApplication[];
  /** Registry, keys and objects of the issuer domain; absent while a card with installed applications has its first ones. */
  readonly registry?: MemorySnapshot;
  /** By AID. */
  readonly applications: Readonly<Record<string, AppletSnapshot>>;
}

/** Keys 40…4F, for tests and for trying our card with public tools; key version 20 with SCP02, 30 with SCP03. */
export function testIssuerKeys(scp: ScpNumber): IssuerKeys {
  const key = Uint8Array.from({ length: 16 }, (_, index) => 0x40 + index);
  return { version: scp === 2 ? 0x20 : 0x30, keys: { enc: key, mac: key, dek: key } };
}

function factoryState(options: VirtualCardOptions): RegistryState {
  const { issuerKeys, blank = false } = options;
  const installed: readonly { aid: Uint8Array; loadFile: LoadFile; module?: Uint8Array }[] = blank
    ? []
    : INSTALLED_AT_FACTORY;
  const ordered = (options.applications ?? []).map(({ aid, module }) => ({ aid, ...SOURCE_OF_ORDERED[module] }));
  return {
    cardState: blank ? CARD_STATE.opReady : CARD_STATE.secured,
    domainAid: toHex(AID_ISSUER_DOMAIN),
    protocol: options.protocol ?? DEFAULT_PROTOCOL[3],
    chipId: options.chipId ?? new Uint8Array(DIVERSIFICATION_DATA_BYTES),
    loadFiles: LOAD_FILES.map(({ aid }) => toHex(aid)),
    applications: [...installed, ...ordered].map(({ aid, module = aid, loadFile }) => ({
      ...{ aid: toHex(aid), module: toHex(module), loadFile: toHex(loadFile.aid) },
      ...{ privileges: new Uint8Array(3), state: APPLICATION_SELECTABLE },
    })),
    keySets: issuerKeys === undefined ? [] : [{ ...issuerKeys, counter: 0 }],
    objects: new Map(),
  };
}

/** What the registry of a saved card says, an interrupted change finished. */
export function registryOf(snapshot: CardSnapshot): RegistryState {
  const applications = snapshot.further?.map(restoreApplication) ?? [];
  const factory = factoryState({ random: () => new Uint8Array(0), applications });
  return new Registry(new PowerSupply(), factory, snapshot.registry).state;
}

function requireLength(bytes: Uint8Array | undefined, length: number, where: string): void {
  if (bytes === undefined || bytes.length === length) return;
  throw new PolycardError('POLYCARD_CARD_KEY', `${where} has ${length} bytes, got ${bytes.length}`, { where });
}

export class VirtualCard implements CardChannel {
  readonly #power = new PowerSupply();
  readonly #options: VirtualCardOptions;
  readonly #registry: Registry;
  readonly #open: Open;
  /** The registry differs from that of any card made without options. */
  readonly #keepsRegistry: boolean;

  constructor(options: VirtualCardOptions, snapshot?: CardSnapshot) {
    const { personalisationKey, random } = options;
    requireLength(personalisationKey, 16, 'personalisationKey');
    requireLength(options.chipId, DIVERSIFICATION_DATA_BYTES, 'chipId');
    this.#options = options;
    this.#keepsRegistry = [options.issuerKeys, options.protocol, options.blank, options.chipId].some(
      (option) => option !== undefined,
    );
    this.#registry = new Registry(this.#power, factoryState(options), snapshot?.registry);
    this.#open = new Open({
      ...{ power: this.#power, random, registry: this.#registry, interface: options.interface ?? 'contactless' },
      personalisationKey: personalisationKey === undefined ? undefined : Uint8Array.from(personalisationKey),
      switches: { ...SWITCHES_AS_PUBLICLY_DESCRIBED, ...options.switches },
      ordered: options.applications ?? [],
      saved: snapshot?.applications ?? {},
    });
  }

  static restore(snapshot: CardSnapshot, options: { readonly random: RandomSource }): VirtualCard {
    const { personalisationKey, switches, further } = snapshot;
    const card = new VirtualCard(
      {
        random: options.random,
        interface: snapshot.interface,
        ...(personalisationKey === undefined ? {} : { personalisationKey: fromBase64(personalisationKey) }),
        ...(switches === undefined ? {} : { switches }),
        ...(further === undefined ? {} : { applications: further.map(restoreApplication) }),
      },
      snapshot,
    );
    card.reset();
    return card;
  }

  get interface(): CardInterface {
    return this.#open.interface;
  }

  /** Set to cut the power at chosen physical writes; setting it starts the step count at 0. */
  set powerCut(hook: PowerCutHook | undefined) {
    this.#power.hook = hook;
  }

  /** Physical writes since `powerCut` was set. */
  get physicalWrites(): number {
    return this.#power.steps;
  }

  /** False after a power cut, until `reset()`. */
  get isPowered(): boolean {
    return this.#power.isOn;
  }

  /** Field lost and power up again, on another interface if named. An interrupted transaction is finished or undone here. */
  reset(cardInterface: CardInterface = this.#open.interface): void {
    this.#power.isOn = true;
    this.#open.reset(cardInterface);
  }

  /** Throws `POLYCARD_CHANNEL_CARD_LOST` (a `PowerCut` at the moment itself) while the card has no power. */
  transmit(commandBytes: Uint8Array): Uint8Array {
    if (!this.#power.isOn) {
      throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'the card has no power; reset it first');
    }
    let command: CommandApdu;
    try {
      command = parseCommand(commandBytes);
    } catch {
      return encodeResponse(SW_6700_WRONG_LENGTH);
    }
    try {
      return this.#open.transmit(command);
    } catch (error) {
      if (error instanceof PowerCut) throw error;
      // A card never says why it failed inside; tests look for this answer as the sign of a defect.
      return encodeResponse(SW_6F00_NO_PRECISE_DIAGNOSIS);
    }
  }

  snapshot(): CardSnapshot {
    const { personalisationKey, switches, applications = [] } = this.#options;
    const registry = this.#registry.snapshot(this.#keepsRegistry);
    return {
      format: 'polycard-card-1',
      interface: this.#open.interface,
      ...(personalisationKey === undefined ? {} : { personalisationKey: toBase64(personalisationKey) }),
      ...(switches === undefined ? {} : { switches }),
      ...(applications.length === 0 ? {} : { further: applications.map(saveApplication) }),
      ...(registry === undefined ? {} : { registry }),
      applications: this.#open.snapshot(),
    };
  }
}
