/**
 * The registry of the card (OPEN): what is on it, in which state, and the issuer domain's keys and objects. One
 * journalled memory; every change is one transaction, so a cut leaves the registry before or after it.
 * GPC 2.3.1 §5 (life cycles), §6.4 (registry), §9.
 */
import { concat, encodeTlv, fromHex, parseTlv, type TlvNode, toHex } from '@polycard/bytes';
import type { SecureChannelProtocol, StaticKeys } from '@polycard/globalplatform';
import { type MemorySnapshot, PersistentMemory } from './memory.ts';
import type { PowerSupply } from './power.ts';

export const CARD_STATE = { opReady: 0x01, initialized: 0x07, secured: 0x0f, locked: 0x7f, terminated: 0xff } as const;
export const APPLICATION_INSTALLED = 0x03;
export const APPLICATION_SELECTABLE = 0x07;
/** Added by the application itself at the end of its personalisation. */
export const APPLICATION_PERSONALIZED = 0x0f;
export const LOCKED_BIT = 0x80;

export interface RegistryApplication {
  /** AIDs as hex. */
  readonly aid: string;
  readonly module: string;
  readonly loadFile: string;
  /** Three bytes. */
  readonly privileges: Uint8Array;
  /** INSTALLED or SELECTABLE, with `LOCKED_BIT`. */
  readonly state: number;
}

export interface RegistryKeySet {
  readonly version: number;
  readonly keys: StaticKeys;
  readonly counter: number;
}

export interface RegistryState {
  readonly cardState: number;
  readonly domainAid: string;
  readonly protocol: SecureChannelProtocol;
  /** Key diversification data: fabricator 2, type 2, batch 2, serial number 4. */
  readonly chipId: Uint8Array;
  /** Load files present, AIDs as hex. */
  readonly loadFiles: readonly string[];
  readonly applications: readonly RegistryApplication[];
  /** The first is the default set. */
  readonly keySets: readonly RegistryKeySet[];
  /** Objects of the issuer domain by their tag in P1 P2. */
  readonly objects: ReadonlyMap<string, Uint8Array>;
}

const u8 = (...values: number[]): Uint8Array => Uint8Array.from(values);

function encodeState(state: RegistryState): Uint8Array {
  const application = ({ aid, module, loadFile, privileges, state: own }: RegistryApplication): Uint8Array =>
    encodeTlv(
      'E3',
      concat(
        encodeTlv('4F', fromHex(aid)),
        encodeTlv('84', fromHex(module)),
        encodeTlv('C4', fromHex(loadFile)),
        encodeTlv('C5', privileges),
        encodeTlv('9F70', u8(own)),
      ),
    );
  const keySet = ({ version, keys, counter }: RegistryKeySet): Uint8Array =>
    encodeTlv(
      'E9',
      concat(
        encodeTlv('83', u8(version)),
        encodeTlv('91', u8(counter >> 16, (counter >> 8) & 0xff, counter & 0xff)),
        ...[keys.enc, keys.mac, keys.dek].map((key) => encodeTlv('92', key)),
      ),
    );
  const object = ([tag, value]: [string, Uint8Array]): Uint8Array =>
    encodeTlv('E1', concat(encodeTlv('81', fromHex(tag)), encodeTlv('82', value)));
  return concat(
    encodeTlv('9F70', u8(state.cardState)),
    encodeTlv('4F', fromHex(state.domainAid)),
    encodeTlv('84', u8(state.protocol.scp, state.protocol.i)),
    encodeTlv('CF', state.chipId),
    ...state.loadFiles.map((aid) => encodeTlv('C4', fromHex(aid))),
    ...state.applications.map(application),
    ...state.keySets.map(keySet),
    ...[...state.objects].map(object),
  );
}

function decodeState(bytes: Uint8Array): RegistryState {
  const nodes = parseTlv(bytes, 'registry');
  const all = (within: readonly TlvNode[], tag: string): TlvNode[] => within.filter((node) => node.tag === tag);
  const one = (within: readonly TlvNode[], tag: string): Uint8Array => all(within, tag)[0]!.value;
  const [scp, i] = one(nodes, '84');
  return {
    cardState: one(nodes, '9F70')[0]!,
    domainAid: toHex(one(nodes, '4F')),
    protocol: { scp: scp as 2 | 3, i: i! },
    chipId: one(nodes, 'CF').slice(),
    loadFiles: all(nodes, 'C4').map(({ value }) => toHex(value)),
    applications: all(nodes, 'E3').map(({ children = [] }) => ({
      aid: toHex(one(children, '4F')),
      module: toHex(one(children, '84')),
      loadFile: toHex(one(children, 'C4')),
      privileges: one(children, 'C5').slice(),
      state: one(children, '9F70')[0]!,
    })),
    keySets: all(nodes, 'E9').map(({ children = [] }) => {
      const [enc, mac, dek] = all(children, '92').map(({ value }) => value.slice());
      const [high, middle, low] = one(children, '91');
      return {
        version: one(children, '83')[0]!,
        keys: { enc: enc!, mac: mac!, dek: dek! },
        counter: (high! << 16) | (middle! << 8) | low!,
      };
    }),
    objects: new Map(
      all(nodes, 'E1').map(({ children = [] }) => [toHex(one(children, '81')), one(children, '82').slice()]),
    ),
  };
}

const LENGTH_BYTES = 4;

/** The length first: the memory never shrinks, the registry does. */
function framed(state: RegistryState): Uint8Array {
  const body = encodeState(state);
  const bytes = new Uint8Array(LENGTH_BYTES + body.length);
  new DataView(bytes.buffer).setUint32(0, body.length);
  bytes.set(body, LENGTH_BYTES);
  return bytes;
}

function unframed(memory: PersistentMemory): RegistryState {
  const length = (memory.u16(0) << 16) | memory.u16(2);
  return decodeState(memory.view(LENGTH_BYTES, length).slice());
}

export class Registry {
  readonly #power: PowerSupply;
  /** Undefined while the card is as it left the factory: tens of thousands of cards do not carry it. */
  #memory: PersistentMemory | undefined;
  #state: RegistryState;

  constructor(power: PowerSupply, factory: RegistryState, saved?: MemorySnapshot) {
    this.#power = power;
    this.#memory = saved === undefined ? undefined : PersistentMemory.restore(power, saved);
    // A card that died in the middle of a change cannot be read before the change is finished
    this.#memory?.recover();
    this.#state = this.#memory === undefined ? factory : unframed(this.#memory);
  }

  get state(): RegistryState {
    return this.#state;
  }

  /** One transaction; power may be cut inside. */
  change(changes: Partial<RegistryState>): void {
    const next = { ...this.#state, ...changes };
    this.#memory ??= new PersistentMemory(this.#power, framed(this.#state));
    this.#memory.commit([{ offset: 0, bytes: framed(next) }]);
    this.#state = next;
  }

  /** Power is back. */
  recover(): void {
    if (this.#memory === undefined) return;
    this.#memory.recover();
    this.#state = unframed(this.#memory);
  }

  /** Undefined for a card as it left the factory, unless `always`. */
  snapshot(always: boolean): MemorySnapshot | undefined {
    if (this.#memory === undefined && always) this.#memory = new PersistentMemory(this.#power, framed(this.#state));
    return this.#memory?.snapshot();
  }
}
