/**
 * The OPEN: selection of applications, the secure channel of the issuer domain, and which of the two a command is for.
 * GPC 2.3.1 §6.4 (selection), §10 (secure channel). One logical channel.
 *
 * An application that is not personalised yet lets its security domain's secure channel serve it: INITIALIZE UPDATE and
 * EXTERNAL AUTHENTICATE are answered by the domain, everything after them is opened before the application sees it.
 */
import {
  type CommandApdu,
  encodeResponse,
  fromHex,
  parseResponse,
  type ResponseApdu,
  SW_6A81_FUNCTION_NOT_SUPPORTED,
  SW_6A82_FILE_NOT_FOUND,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6881_CHANNEL_NOT_SUPPORTED,
  SW_6982_SECURITY_STATUS,
  SW_9000_SUCCESS,
  toHex,
} from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import { decryptBlocks } from '@polycard/crypto';
import {
  CardSecureChannel,
  INS_50_INITIALIZE_UPDATE,
  INS_82_EXTERNAL_AUTHENTICATE,
  INS_A4_SELECT,
  INS_E2_STORE_DATA,
  Refusal,
} from '@polycard/globalplatform';
import type { PbocSwitches } from '../applets/pboc/switches.ts';
import type { Applet, AppletSnapshot, CardEnvironment, CardInterface, SecretReader } from './applet.ts';
import type { ApplicationOnCard } from './applications.ts';
import { type DomainContext, newDomainSession } from './domain/context.ts';
import { processDomainCommand, selectDomain } from './domain/issuer-domain.ts';
import { defaultSelected } from './domain/policy.ts';
import { loadFileOf } from './load-files.ts';
import type { PowerSupply } from './power.ts';
import { APPLICATION_SELECTABLE, CARD_STATE, type Registry } from './registry.ts';

export interface OpenOptions {
  readonly power: PowerSupply;
  readonly random: RandomSource;
  readonly interface: CardInterface;
  readonly registry: Registry;
  readonly switches: PbocSwitches;
  /** Applications the card maker installed beside the usual ones. */
  readonly ordered: readonly ApplicationOnCard[];
  /** 16 bytes; undefined where only the secure channel opens secrets. */
  readonly personalisationKey: Uint8Array | undefined;
  /** By AID. */
  readonly saved: Readonly<Record<string, AppletSnapshot>>;
}

const NOTHING = new Uint8Array(0);
const CLA_CHANNEL_BITS = 0x03;
const AID_BYTES_MIN = 5;
const AID_BYTES_MAX = 16;

export class Open {
  readonly #options: OpenOptions;
  readonly #registry: Registry;
  readonly #channel: CardSecureChannel;
  readonly #environment: CardEnvironment;
  readonly #instances = new Map<string, Applet>();
  #session = newDomainSession();
  /** AID of the selected application; that of the issuer domain when none is. */
  #selected: string;

  constructor(options: OpenOptions) {
    const { registry, random, power } = options;
    this.#options = options;
    this.#registry = registry;
    this.#channel = new CardSecureChannel({
      ...{ protocol: registry.state.protocol, diversificationData: registry.state.chipId, random },
      keySet: (version) => registry.state.keySets.find((set) => version === 0 || set.version === version),
      storeCounter: (version, counter) =>
        registry.change({
          keySets: registry.state.keySets.map((set) => (set.version === version ? { ...set, counter } : set)),
        }),
    });
    this.#environment = { power, random, interface: options.interface, secrets: this.#secrets() };
    this.#matchInstances(options.saved);
    this.#selected = this.#selectedAtReset();
  }

  get interface(): CardInterface {
    return this.#environment.interface;
  }

  #secrets(): SecretReader {
    const channel = this.#channel;
    const { personalisationKey } = this.#options;
    return {
      decipherSecret: (enciphered) => {
        if (channel.isOpen) return channel.secrets.decipherSecret(enciphered);
        if (personalisationKey !== undefined) return decryptBlocks('des-ede-ecb', personalisationKey, enciphered);
        throw new Refusal(SW_6982_SECURITY_STATUS, 'no secure channel is open');
      },
      get secretBlockBytes() {
        return channel.isOpen ? channel.secrets.secretBlockBytes : 8;
      },
    };
  }

  get #context(): DomainContext {
    return {
      ...{ registry: this.#registry, channel: this.#channel, session: this.#session },
      instance: (aid) => this.#instances.get(aid),
    };
  }

  #selectedAtReset(): string {
    const { state } = this.#registry;
    const isUsable = state.cardState !== CARD_STATE.locked && state.cardState !== CARD_STATE.terminated;
    const holder = isUsable ? defaultSelected(state) : undefined;
    return holder !== undefined && this.#isSelectable(holder) ? holder : state.domainAid;
  }

  /** Instances follow the registry: what was deleted is gone, what was installed is there, blank. */
  #matchInstances(saved: Readonly<Record<string, AppletSnapshot>> = {}): void {
    const { applications } = this.#registry.state;
    for (const aid of this.#instances.keys()) {
      if (!applications.some((application) => application.aid === aid)) this.#instances.delete(aid);
    }
    for (const { aid, module, loadFile } of applications) {
      if (this.#instances.has(aid)) continue;
      const made = loadFileOf(loadFile)?.modules.find((candidate) => toHex(candidate.aid) === module);
      if (made === undefined) continue;
      const { switches } = this.#options;
      const ordered = this.#options.ordered.find((application) => toHex(application.aid) === aid);
      const context = { aid: fromHex(aid), environment: this.#environment, switches, ordered };
      this.#instances.set(aid, made.make({ ...context, saved: saved[aid] ?? {} }));
    }
  }

  reset(cardInterface: CardInterface): void {
    this.#environment.interface = cardInterface;
    this.#registry.recover();
    this.#matchInstances();
    this.#endApplicationSession();
    for (const applet of this.#instances.values()) applet.reset();
    this.#selected = this.#selectedAtReset();
  }

  #endApplicationSession(): void {
    this.#channel.close();
    this.#session = newDomainSession();
  }

  transmit(command: CommandApdu): Uint8Array {
    if (command.ins === INS_A4_SELECT) return this.#select(command);
    const applet = this.#instances.get(this.#selected);
    if (applet === undefined && this.#isBlocked()) return encodeResponse(SW_6A81_FUNCTION_NOT_SUPPORTED);
    if (applet?.isPersonalised() === true) return applet.process(command);
    try {
      const begun = this.#beginChannel(command);
      if (begun !== undefined) return encodeResponse(SW_9000_SUCCESS, begun);
      const response = this.#processManaged(this.#channel.open(command), applet);
      this.#matchInstances();
      return this.#answer(response);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return this.#answer({ sw: error.sw, data: NOTHING });
    }
  }

  #isBlocked(): boolean {
    for (const applet of this.#instances.values()) if (applet.blocksCard?.() === true) return true;
    return false;
  }

  #answer(response: ResponseApdu): Uint8Array {
    const { sw, data } = this.#channel.protect(response);
    return encodeResponse(sw, data);
  }

  /** Answer to INITIALIZE UPDATE or EXTERNAL AUTHENTICATE, which no session protects; undefined for other commands. */
  #beginChannel(command: CommandApdu): Uint8Array | undefined {
    if ((command.cla & CLA_CHANNEL_BITS) !== 0) throw new Refusal(SW_6881_CHANNEL_NOT_SUPPORTED, 'one logical channel');
    if (this.#registry.state.cardState === CARD_STATE.terminated) return undefined;
    if (command.ins === INS_50_INITIALIZE_UPDATE) {
      if (command.cla !== 0x80) throw new Refusal(SW_6E00_CLA_NOT_SUPPORTED, 'CLA of INITIALIZE UPDATE');
      return this.#channel.initializeUpdate(command, fromHex(this.#selected));
    }
    if (command.ins !== INS_82_EXTERNAL_AUTHENTICATE || this.#channel.isOpen) return undefined;
    if (command.cla !== 0x84) throw new Refusal(SW_6E00_CLA_NOT_SUPPORTED, 'CLA of EXTERNAL AUTHENTICATE');
    this.#channel.externalAuthenticate(command);
    return NOTHING;
  }

  /** For the issuer domain, or for an application that is served by its secure channel. */
  #processManaged(plain: CommandApdu, applet: Applet | undefined): ResponseApdu {
    if (applet === undefined) return processDomainCommand(this.#context, plain);
    const needsChannel = plain.ins === INS_E2_STORE_DATA && this.#options.personalisationKey === undefined;
    if (needsChannel && !this.#channel.isOpen) throw new Refusal(SW_6982_SECURITY_STATUS, 'no secure channel is open');
    return parseResponse(applet.process(plain));
  }

  #isSelectable(aid: string): boolean {
    const application = this.#registry.state.applications.find((candidate) => candidate.aid === aid);
    return application?.state === APPLICATION_SELECTABLE && this.#instances.get(aid)?.isSelectable() === true;
  }

  /** AIDs in the order of the registry, the issuer domain first (GPC 2.3.1 §6.4.2). */
  #selectableMatching(name: string): string[] {
    const { domainAid, applications, cardState } = this.#registry.state;
    const domain = domainAid.startsWith(name) ? [domainAid] : [];
    if (cardState === CARD_STATE.locked) return domain;
    const others = applications.map(({ aid }) => aid).filter((aid) => aid.startsWith(name) && this.#isSelectable(aid));
    return [...domain, ...others];
  }

  #select(command: CommandApdu): Uint8Array {
    if (command.cla !== 0x00) {
      const onChannel = (command.cla & 0xfc) === 0x00;
      return encodeResponse(onChannel ? SW_6881_CHANNEL_NOT_SUPPORTED : SW_6E00_CLA_NOT_SUPPORTED);
    }
    const files = command.p1 === 0x04 ? undefined : this.#instances.get(this.#selected);
    if (files?.selectFile !== undefined && files.isPersonalised()) return files.selectFile(command);
    if (command.p1 !== 0x04 || (command.p2 !== 0x00 && command.p2 !== 0x02)) {
      return encodeResponse(SW_6A86_INCORRECT_P1_P2);
    }
    const { state } = this.#registry;
    if (state.cardState === CARD_STATE.terminated) return encodeResponse(SW_6A81_FUNCTION_NOT_SUPPORTED);
    if (this.#isBlocked()) {
      this.#endApplicationSession();
      this.#selected = state.domainAid;
      return encodeResponse(SW_6A81_FUNCTION_NOT_SUPPORTED);
    }
    const { length } = command.data;
    if (length > 0 && (length < AID_BYTES_MIN || length > AID_BYTES_MAX)) return encodeResponse(SW_6A82_FILE_NOT_FOUND);
    const matching = length === 0 ? [state.domainAid] : this.#selectableMatching(toHex(command.data));
    const next = command.p2 === 0x02 ? matching.indexOf(this.#selected) + 1 : 0;
    const found = matching[next];
    if (found === undefined) return encodeResponse(SW_6A82_FILE_NOT_FOUND);
    this.#endApplicationSession();
    this.#selected = found;
    const applet = this.#instances.get(found);
    if (applet !== undefined) return applet.select();
    const { sw, data } = selectDomain(this.#context);
    return encodeResponse(sw, data);
  }

  /** Applications that have something to keep, by AID. */
  snapshot(): Record<string, AppletSnapshot> {
    const applications: Record<string, AppletSnapshot> = {};
    for (const [aid, applet] of this.#instances) {
      const saved = applet.snapshot();
      if (saved.image !== undefined) applications[aid] = saved;
    }
    return applications;
  }
}
