/** A card as the platform prepared it: the data groupings of its applications and the commands that open its industries. */
import { fromHex } from '@polycard/bytes';
import {
  AID_PBOC_DEBIT,
  AID_PPSE,
  AID_PSE,
  type DataGrouping,
  groupingsForChannel,
  INDUSTRY_FILES_SOURCE,
  type PbocSwitches,
} from '@polycard/card';
import { decryptBlocks, type RsaPrivateParts } from '@polycard/crypto';
import type { ApplicationPersonalisation } from '@polycard/globalplatform';
import type { DormantApplication } from './open-applications.ts';

export interface PreparedCard {
  readonly token: string;
  readonly product: string;
  readonly panMasked: string;
  readonly switches: Partial<PbocSwitches>;
  readonly ppse: readonly DataGrouping[];
  /** The contact interface's directory. */
  readonly pse: readonly DataGrouping[];
  /** Secret ones enciphered under the zone key. */
  readonly groupings: readonly DataGrouping[];
  /** Industry file applications, dormant; their opening keys enciphered under the zone key too. */
  readonly applications: readonly (DormantApplication & { readonly groupings: readonly DataGrouping[] })[];
  readonly key: RsaPrivateParts;
  /** APPEND RECORD commands in hex, in their order. */
  readonly activations: readonly string[];
}

/** q⁻¹ mod p, d mod (q−1), d mod (p−1), q, p: DGI 8201 to 8205. In clear. */
export function crtGroupings(key: RsaPrivateParts): DataGrouping[] {
  return [
    { dgi: '8205', data: key.p },
    { dgi: '8204', data: key.q },
    { dgi: '8203', data: key.dp },
    { dgi: '8202', data: key.dq },
    { dgi: '8201', data: key.qInv },
  ];
}

/** Groupings that come enciphered under the zone key. */
const UNDER_ZONE_KEY: ReadonlySet<string> = new Set(['8000', '8020']);

/** What a personaliser sends through a secure channel: secret groupings go from the zone key to the DEK of the card. */
export function applicationsOf(card: PreparedCard, zoneKey: Uint8Array): ApplicationPersonalisation[] {
  const clear = (groupings: readonly DataGrouping[]): DataGrouping[] =>
    groupings.map(({ dgi, data }) =>
      UNDER_ZONE_KEY.has(dgi) ? { dgi, data: decryptBlocks('des-ede-ecb', zoneKey, data) } : { dgi, data },
    );
  return [
    { aid: AID_PPSE, groupings: groupingsForChannel(card.ppse) },
    { aid: AID_PSE, groupings: groupingsForChannel(card.pse) },
    { aid: AID_PBOC_DEBIT, groupings: groupingsForChannel([...crtGroupings(card.key), ...clear(card.groupings)]) },
    ...card.applications.map(({ aid, groupings }) => ({
      aid,
      source: INDUSTRY_FILES_SOURCE,
      groupings: groupingsForChannel(clear(groupings)),
    })),
  ];
}

export const activationCommands = (card: PreparedCard): Uint8Array[] => card.activations.map(fromHex);
