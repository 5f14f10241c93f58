/** PUT KEY at the issuer security domain (GPC 2.3.1 §11.8): whole sets, or one key of a set; all in one transaction. */
import {
  SW_6A80_WRONG_DATA,
  SW_6A84_NOT_ENOUGH_SPACE,
  SW_6A88_REFERENCED_DATA_NOT_FOUND,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { keyTypeOf, type PutKey, parsePutKey, putKeyAnswer, Refusal, type StaticKeys } from '@polycard/globalplatform';
import type { RegistryKeySet } from '../registry.ts';
import type { DomainCommand } from './context.ts';

const KEY_NAMES = ['enc', 'mac', 'dek'] as const;
const KEY_SETS_MAX = 8;
/** The set a card leaves the factory with; it goes when the first other one comes under it. */
export const INITIAL_KEY_VERSION = 0xff;
const SW_9484_ALGORITHM = 0x9484;

const wrong = (why: string): Refusal => new Refusal(SW_6A80_WRONG_DATA, why, 'PUT KEY');

/** The keys that come, by what they are for: key identifiers 01 ENC, 02 MAC, 03 DEK. */
function namedKeys({ firstId, keys }: PutKey): Partial<StaticKeys> {
  if (firstId < 1 || firstId + keys.length - 1 > KEY_NAMES.length) throw wrong('key identifiers are 01 to 03');
  return Object.fromEntries(keys.map(({ key }, index) => [KEY_NAMES[firstId - 1 + index], key]));
}

function wholeSet(keys: Partial<StaticKeys>): StaticKeys {
  const { enc, mac, dek } = keys;
  if (enc === undefined || mac === undefined || dek === undefined) throw wrong('a new set has all three keys');
  if (enc.length !== mac.length || mac.length !== dek.length) throw wrong('the keys of a set have one length');
  return { enc, mac, dek };
}

function changedSets(put: PutKey, keySets: readonly RegistryKeySet[], sessionVersion: number): RegistryKeySet[] {
  const named = namedKeys(put);
  const other = (set: RegistryKeySet): boolean => set.version === put.version && set.version !== put.replaces;
  if (keySets.some(other)) throw wrong('there is a set of this version already');
  if (put.replaces === 0) {
    if (keySets.length >= KEY_SETS_MAX) throw new Refusal(SW_6A84_NOT_ENOUGH_SPACE, 'no room for another set');
    const kept =
      sessionVersion === INITIAL_KEY_VERSION ? keySets.filter((set) => set.version !== sessionVersion) : keySets;
    return [...kept, { version: put.version, keys: wholeSet(named), counter: 0 }];
  }
  const replaced = keySets.find((set) => set.version === put.replaces);
  if (replaced === undefined) throw new Refusal(SW_6A88_REFERENCED_DATA_NOT_FOUND, 'no set of this version to replace');
  const keys = wholeSet({ ...replaced.keys, ...named });
  return keySets.map((set) => (set === replaced ? { version: put.version, keys, counter: 0 } : set));
}

export const putKey: DomainCommand = ({ registry, channel }, command) => {
  const put = parsePutKey(command, channel.secrets);
  const { keySets, protocol } = registry.state;
  if (put.keys.some(({ type }) => type !== keyTypeOf(protocol.scp))) {
    throw new Refusal(SW_9484_ALGORITHM, 'keys of another algorithm than the secure channel uses');
  }
  registry.change({ keySets: changedSets(put, keySets, channel.keyVersion) });
  return { sw: SW_9000_SUCCESS, data: putKeyAnswer(put) };
};
