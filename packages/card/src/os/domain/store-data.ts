/**
 * STORE DATA at the issuer security domain (GPC 2.3.1 §11.11): for an application after INSTALL [for personalisation],
 * else objects of the domain itself.
 */
import {
  parseResponse,
  parseTlv,
  SW_6A80_WRONG_DATA,
  SW_6A86_INCORRECT_P1_P2,
  SW_6A88_REFERENCED_DATA_NOT_FOUND,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  type TlvNode,
  toHex,
} from '@polycard/bytes';
import {
  CPLC_WRITABLE,
  parseStoreData,
  Refusal,
  readOrRefuse,
  STORE_LAST,
  TAG_9F7F_CPLC,
  TAG_42_ISSUER_IDENTIFICATION_NUMBER,
  TAG_45_CARD_IMAGE_NUMBER,
  TAG_66_CARD_DATA,
  TAG_67_CARD_CAPABILITIES,
} from '@polycard/globalplatform';
import type { RegistryState } from '../registry.ts';
import { DONE, type DomainCommand, type DomainContext } from './context.ts';
import { factoryCplc } from './get-data.ts';
import { isAidInUse } from './install.ts';

const WRITABLE: ReadonlySet<string> = new Set([
  TAG_42_ISSUER_IDENTIFICATION_NUMBER,
  TAG_45_CARD_IMAGE_NUMBER,
  TAG_66_CARD_DATA,
  TAG_67_CARD_CAPABILITIES,
]);
const CPLC_PART_BYTES = 8;
const OBJECT_BYTES_MAX = 128;

/** The registry with one object stored. Throws a `Refusal`. */
function withObject(state: RegistryState, { tag, value }: TlvNode): RegistryState {
  if (value.length > OBJECT_BYTES_MAX) throw new Refusal(0x6a84, `object ${tag} is too long`);
  if (tag === '4F') {
    const aid = toHex(value);
    if (value.length < 5 || value.length > 16) throw new Refusal(SW_6A80_WRONG_DATA, 'no AID');
    if (aid !== state.domainAid && isAidInUse(state, aid)) {
      throw new Refusal(SW_6985_CONDITIONS_NOT_SATISFIED, 'the AID is in use');
    }
    return { ...state, domainAid: aid };
  }
  const objects = new Map(state.objects);
  const cplcOffset = CPLC_WRITABLE[tag];
  if (cplcOffset !== undefined) {
    if (value.length !== CPLC_PART_BYTES) throw new Refusal(SW_6A80_WRONG_DATA, `${tag} has 8 bytes`);
    const cplc = (objects.get(TAG_9F7F_CPLC) ?? factoryCplc(state.chipId)).slice();
    cplc.set(value, cplcOffset);
    objects.set(TAG_9F7F_CPLC, cplc);
    return { ...state, objects };
  }
  const name = tag.padStart(4, '0');
  if (!WRITABLE.has(name)) throw new Refusal(SW_6A88_REFERENCED_DATA_NOT_FOUND, `no object ${tag} to store`);
  objects.set(name, Uint8Array.from(value));
  return { ...state, objects };
}

function storeOwn(context: DomainContext, command: Parameters<DomainCommand>[1]): void {
  const { registry, session } = context;
  const { block, last, structure, data } = parseStoreData(command);
  if (block !== session.nextBlock) {
    session.nextBlock = 0;
    throw new Refusal(SW_6A86_INCORRECT_P1_P2, 'a block out of order');
  }
  session.nextBlock = last ? 0 : (block + 1) & 0xff;
  if (structure === 'dgi') throw new Refusal(SW_6A80_WRONG_DATA, 'the domain takes TLV objects, no data groupings');
  const nodes = readOrRefuse('objects', () => parseTlv(data, 'objects'));
  if (nodes.length === 0) throw new Refusal(SW_6A80_WRONG_DATA, 'there is no object');
  registry.change(nodes.reduce(withObject, registry.state));
}

export const storeDataCommand: DomainCommand = (context, command) => {
  const { session, instance } = context;
  if (session.personalising === undefined) {
    storeOwn(context, command);
    return DONE;
  }
  const application = instance(session.personalising);
  if (application === undefined) throw new Refusal(SW_6A88_REFERENCED_DATA_NOT_FOUND, 'the application is gone');
  if ((command.p1 & STORE_LAST) !== 0) session.personalising = undefined;
  return parseResponse(application.process(command));
};
