/**
 * The virtual card: power, interface, application selection, and the applications on it.
 *
 * It is a `CardChannel`: the terminal, the personaliser and a PC/SC bridge use it as they would use a real one.
 * ISO 7816-4:2020 §7.1.1 and EMV 4.4 Book 1 §11.3 (SELECT). No secure channel yet: personalisation data arrive under
 * the card's personalisation key.
 */
import {
  type CardChannel,
  type CommandApdu,
  encodeResponse,
  equalBytes,
  fromHex,
  PolycardError,
  parseCommand,
  SW_6A81_FUNCTION_NOT_SUPPORTED,
  SW_6A82_FILE_NOT_FOUND,
  SW_6A86_INCORRECT_P1_P2,
  SW_6D00_INS_NOT_SUPPORTED,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6F00_NO_PRECISE_DIAGNOSIS,
  SW_6700_WRONG_LENGTH,
  toHex,
} from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import { PbocApplication } from '../applets/pboc/application.ts';
import { type PbocSwitches, SWITCHES_AS_PUBLICLY_DESCRIBED } from '../applets/pboc/switches.ts';
import { DirectoryApplet } from '../applets/ppse.ts';
import type { Applet, AppletSnapshot, CardEnvironment, CardInterface } from './applet.ts';
import {
  type ApplicationOnCard,
  makeApplication,
  restoreApplication,
  type SavedApplication,
  saveApplication,
} from './applications.ts';
import { fromBase64, toBase64 } from './memory.ts';
import { PowerCut, type PowerCutHook, PowerSupply } from './power.ts';

export const AID_PPSE = fromHex('325041592E5359532E4444463031');
export const AID_PSE = fromHex('315041592E5359532E4444463031');
export const AID_PBOC_DEBIT = fromHex('A000000333010101');

export interface VirtualCardOptions {
  readonly random: RandomSource;
  /** 16 bytes. */
  readonly personalisationKey: Uint8Array;
  readonly interface?: CardInterface;
  /** Readings of facts the sources leave open. */
  readonly switches?: Partial<PbocSwitches>;
  /** Further applications, blank until personalised. */
  readonly applications?: readonly ApplicationOnCard[];
}

/** The whole card as plain data. It holds clear card keys, as a chip does: keep it where keys may be. */
export interface CardSnapshot {
  readonly format: 'polycard-card-1';
  readonly interface: CardInterface;
  readonly personalisationKey: string;
  readonly switches?: Partial<PbocSwitches>;
  readonly further?: readonly SavedApplication[];
  /** By AID. */
  readonly applications: Readonly<Record<string, AppletSnapshot>>;
}

const INS_A4_SELECT = 0xa4;

export class VirtualCard implements CardChannel {
  readonly #environment: CardEnvironment;
  readonly #applets: readonly Applet[];
  readonly #switches: Partial<PbocSwitches> | undefined;
  readonly #further: readonly ApplicationOnCard[];
  #selected: Applet | undefined;

  constructor(options: VirtualCardOptions, snapshot?: CardSnapshot) {
    if (options.personalisationKey.length !== 16) {
      throw new PolycardError('POLYCARD_CARD_KEY', 'a personalisation key has 16 bytes', {
        where: 'personalisationKey',
      });
    }
    const environment: CardEnvironment = {
      power: new PowerSupply(),
      random: options.random,
      personalisationKey: Uint8Array.from(options.personalisationKey),
      interface: options.interface ?? 'contactless',
    };
    this.#environment = environment;
    this.#switches = options.switches;
    this.#further = options.applications ?? [];
    const saved = (aid: Uint8Array): AppletSnapshot => snapshot?.applications[toHex(aid)] ?? {};
    const switches =
      options.switches === undefined
        ? SWITCHES_AS_PUBLICLY_DESCRIBED
        : { ...SWITCHES_AS_PUBLICLY_DESCRIBED, ...options.switches };
    this.#applets = [
      new DirectoryApplet(AID_PPSE, 'contactless', environment, saved(AID_PPSE)),
      new DirectoryApplet(AID_PSE, 'contact', environment, saved(AID_PSE)),
      new PbocApplication(AID_PBOC_DEBIT, environment, switches, saved(AID_PBOC_DEBIT)),
      ...this.#further.map((application) => makeApplication(application, environment, saved(application.aid))),
    ];
  }

  static restore(snapshot: CardSnapshot, options: { readonly random: RandomSource }): VirtualCard {
    const card = new VirtualCard(
      {
        random: options.random,
        personalisationKey: fromBase64(snapshot.personalisationKey),
        interface: snapshot.interface,
        ...(snapshot.switches === undefined ? {} : { switches: snapshot.switches }),
        ...(snapshot.further === undefined ? {} : { applications: snapshot.further.map(restoreApplication) }),
      },
      snapshot,
    );
    card.reset();
    return card;
  }

  get interface(): CardInterface {
    return this.#environment.interface;
  }

  /** Set to cut the power at chosen physical writes; setting it starts the step count at 0. */
  set powerCut(hook: PowerCutHook | undefined) {
    this.#environment.power.hook = hook;
  }

  /** Physical writes since `powerCut` was set. */
  get physicalWrites(): number {
    return this.#environment.power.steps;
  }

  /** False after a power cut, until `reset()`. */
  get isPowered(): boolean {
    return this.#environment.power.isOn;
  }

  /** Field lost and power up again, on another interface if named. An interrupted transaction is finished or undone here. */
  reset(cardInterface: CardInterface = this.#environment.interface): void {
    this.#environment.interface = cardInterface;
    this.#environment.power.isOn = true;
    this.#selected = undefined;
    for (const applet of this.#applets) applet.reset();
  }

  /** Throws `POLYCARD_CHANNEL_CARD_LOST` (a `PowerCut` at the moment itself) while the card has no power. */
  transmit(commandBytes: Uint8Array): Uint8Array {
    if (!this.#environment.power.isOn) {
      throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'the card has no power; reset it first');
    }
    let command: CommandApdu;
    try {
      command = parseCommand(commandBytes);
    } catch {
      return encodeResponse(SW_6700_WRONG_LENGTH);
    }
    try {
      if (command.ins === INS_A4_SELECT) return this.#select(command);
      if (this.#selected !== undefined) return this.#selected.process(command);
      return encodeResponse(this.#isBlocked() ? SW_6A81_FUNCTION_NOT_SUPPORTED : SW_6D00_INS_NOT_SUPPORTED);
    } catch (error) {
      if (error instanceof PowerCut) throw error;
      // A card never says why it failed inside; tests look for this answer as the sign of a defect.
      return encodeResponse(SW_6F00_NO_PRECISE_DIAGNOSIS);
    }
  }

  #isBlocked(): boolean {
    return this.#applets.some((applet) => applet.blocksCard?.() === true);
  }

  #select(command: CommandApdu): Uint8Array {
    if (command.cla !== 0x00) return encodeResponse(SW_6E00_CLA_NOT_SUPPORTED);
    if (command.p1 !== 0x04 || (command.p2 !== 0x00 && command.p2 !== 0x02)) {
      return encodeResponse(SW_6A86_INCORRECT_P1_P2);
    }
    if (this.#isBlocked()) {
      this.#selected = undefined;
      return encodeResponse(SW_6A81_FUNCTION_NOT_SUPPORTED);
    }
    const name = command.data;
    if (name.length < 5 || name.length > 16) return encodeResponse(SW_6A82_FILE_NOT_FOUND);
    const matching = this.#applets.filter(
      (applet) => equalBytes(applet.aid.subarray(0, name.length), name) && applet.isSelectable(),
    );
    const next = command.p2 === 0x02 && this.#selected !== undefined ? matching.indexOf(this.#selected) + 1 : 0;
    const found = matching[next];
    if (found === undefined) return encodeResponse(SW_6A82_FILE_NOT_FOUND);
    this.#selected = found;
    return found.select();
  }

  snapshot(): CardSnapshot {
    const applications: Record<string, AppletSnapshot> = {};
    for (const applet of this.#applets) {
      const saved = applet.snapshot();
      if (saved.image !== undefined) applications[toHex(applet.aid)] = saved;
    }
    return {
      format: 'polycard-card-1',
      interface: this.#environment.interface,
      personalisationKey: toBase64(this.#environment.personalisationKey),
      ...(this.#switches === undefined ? {} : { switches: this.#switches }),
      ...(this.#further.length === 0 ? {} : { further: this.#further.map(saveApplication) }),
      applications,
    };
  }
}
