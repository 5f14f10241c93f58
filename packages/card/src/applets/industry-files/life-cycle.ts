/**
 * The life cycle under its two trees of keys: ACTIVATE (84 44 00 00) brings the application's keys under the activation
 * key; DEACTIVATE (84 04), REACTIVATE (84 44 00 01), TERMINATE DF (84 E6) under the management key, APPLICATION BLOCK
 * (84 1E) under the lock key. Which of them leads where is the specification's. Reference industries.md §0.3, §0.7.
 *
 * ACTIVATE: enciphered (reference 1 ‖ version 1 ‖ key 16) for each key, MAC; P1 b8 says that another one follows (ours:
 * a health application has more keys than one command carries). It answers the check values in that order.
 */
import {
  type CommandApdu,
  concat,
  SW_6A80_WRONG_DATA,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { checkValue } from '@polycard/crypto';
import type { MemoryWrite } from '../../os/memory.ts';
import {
  CLA_MANAGEMENT,
  type CommandResult,
  INS_44_ACTIVATE,
  INS_E6_TERMINATE,
  type IndustryContext,
} from './context.ts';
import { type IndustryKeySlot, KEY_SLOT_BYTES, STATE_CLOSED, STATE_OFFSET, type Transition } from './image.ts';
import { unprotect } from './secure-messaging.ts';

const ENTRY_BYTES = 18;
const P1_MORE = 0x80;
const P2_REACTIVATE = 0x01;

const COMMAND_OF_INS: ReadonlyMap<number, Transition['command']> = new Map([
  [0x04, 'DEACTIVATE'],
  [0x1e, 'APPLICATION BLOCK'],
  [INS_E6_TERMINATE, 'TERMINATE DF'],
]);

function commandOf({ ins, p2 }: CommandApdu): Transition['command'] | undefined {
  if (ins !== INS_44_ACTIVATE) return p2 === 0 ? COMMAND_OF_INS.get(ins) : undefined;
  return p2 === 0 ? 'ACTIVATE' : p2 === P2_REACTIVATE ? 'REACTIVATE' : undefined;
}

export function keyWrite(slot: IndustryKeySlot, version: number, key: Uint8Array): MemoryWrite {
  return { offset: slot.offset, bytes: concat(Uint8Array.of(version, slot.triesMax), key) };
}

/** Takes the keys of one ACTIVATE into the session; false when the data are none. */
function collect({ image, session }: IndustryContext, activationKey: number, data: Uint8Array): boolean {
  if (data.length === 0 || data.length % ENTRY_BYTES !== 0) return false;
  const keys = new Map(session.activation);
  for (let offset = 0; offset < data.length; offset += ENTRY_BYTES) {
    const [reference, version] = [data[offset]!, data[offset + 1]!];
    const isKnown = image.keys.some((slot) => slot.reference === reference);
    if (!isKnown || reference === activationKey || version === 0) return false;
    keys.set(reference, { version, key: data.slice(offset + 2, offset + ENTRY_BYTES) });
  }
  session.activation = keys;
  return true;
}

function activate(context: IndustryContext, transition: Transition, p1: number, data: Uint8Array): CommandResult {
  const { image, session, memory } = context;
  if (!collect(context, transition.key, data)) {
    session.activation = undefined;
    return { sw: SW_6A80_WRONG_DATA };
  }
  if (p1 === P1_MORE) return { sw: SW_9000_SUCCESS };
  const keys = session.activation!;
  session.activation = undefined;
  const slotOf = (reference: number) => image.keys.find((slot) => slot.reference === reference)!;
  const writes = [...keys].map(([reference, { version, key }]) => keyWrite(slotOf(reference), version, key));
  memory.commit([...writes, { offset: STATE_OFFSET, bytes: Uint8Array.of(transition.to) }]);
  const checks = [...keys.values()].map(({ key }) => checkValue(image.algorithm, key));
  return { sw: SW_9000_SUCCESS, data: concat(...checks) };
}

export function lifeCycle(context: IndustryContext, command: CommandApdu): CommandResult {
  const { image, memory, session } = context;
  const { cla, p1 } = command;
  if (cla !== CLA_MANAGEMENT) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  const name = commandOf(command);
  const isActivation = name === 'ACTIVATE';
  if (name === undefined || (p1 !== 0 && !(isActivation && p1 === P1_MORE))) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const state = memory.u8(STATE_OFFSET);
  const transition = image.transitions.find((each) => each.command === name && each.from === state);
  if (transition === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const opened = unprotect(context, command, transition.key, isActivation ? 'enc' : 'mac');
  if (typeof opened === 'number') return { sw: opened };
  if (isActivation) return activate(context, transition, p1, opened.data);
  if (opened.data.length !== 0) return { sw: SW_6700_WRONG_LENGTH };
  const erased =
    transition.to === STATE_CLOSED
      ? image.keys.map(({ offset }) => ({ offset, bytes: new Uint8Array(KEY_SLOT_BYTES) }))
      : [];
  memory.commit([...erased, { offset: STATE_OFFSET, bytes: Uint8Array.of(transition.to) }]);
  session.queue = undefined;
  session.authenticated.clear();
  session.pinVerified = false;
  return { sw: SW_9000_SUCCESS };
}
