/** The bureau's long way gives the cards of its short way: installed, personalised, opened, SECURED. */
import { fromHex } from '@polycard/bytes';
import { compareSnapshots, VirtualCard } from '@polycard/card';
import { encryptBlocks, rsaPartsFromCrt, seededRandom } from '@polycard/crypto';
import { newCardMaker, type PreparedCard, personaliseOverChannel } from '@polycard/fleet';
import { describe, expect, it } from 'vitest';
import { recordedApplications } from '../packages/card/test/issuer.ts';
import { personalisedCard } from '../packages/card/test/transcript-card.ts';

const ZONE_KEY = fromHex('404142434445464748494A4B4C4D4E4F');
const [ppse, pse, pboc] = recordedApplications();
const crt = new Map(pboc!.groupings.filter(({ dgi }) => dgi.startsWith('82')).map(({ dgi, data }) => [dgi, data]));

const prepared: PreparedCard = {
  ...{ token: 'token', product: 'recorded', panMasked: '622848*********0015', switches: {} },
  ...{ ppse: ppse!.groupings, pse: pse!.groupings, activations: [], applications: [] },
  groupings: pboc!.groupings
    .filter(({ dgi }) => !crt.has(dgi))
    .map(({ dgi, data }) => ({
      dgi,
      data: ['8000', '8020'].includes(dgi) ? encryptBlocks('des-ede-ecb', ZONE_KEY, data) : data,
    })),
  key: rsaPartsFromCrt({
    ...{ p: crt.get('8205')!, q: crt.get('8204')!, dp: crt.get('8203')!, dq: crt.get('8202')!, qInv: crt.get('8201')! },
  }),
};

describe('a card of the bureau personalised through a secure channel', () => {
  it.each([2, 3] as const)('over SCP0%i holds what the short way writes', async (scp) => {
    const random = seededRandom('bureau');
    const snapshot = await personaliseOverChannel(prepared, ZONE_KEY, newCardMaker(scp, random));
    const differences = compareSnapshots(personalisedCard().snapshot(), snapshot);
    expect(differences.filter(({ path }) => path.startsWith('applications/'))).toEqual([]);
    expect(differences.some(({ path }) => path === 'registry/cardState')).toBe(false); // both are SECURED
    const card = VirtualCard.restore(snapshot, { random });
    expect(card.transmit(fromHex('00A4040008A00000033301010100')).slice(-2)).toEqual(fromHex('9000'));
    const again = await personaliseOverChannel(prepared, ZONE_KEY, newCardMaker(scp, seededRandom('bureau')));
    expect(again).toEqual(snapshot); // the same seed makes the same cards
  });
});
