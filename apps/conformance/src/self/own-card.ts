/** Our own card for the kit to be tried on: issued by the throw-away platform, and the keys that vouch for it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cappApplications } from '@polycard/blueprint';
import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { cappP2, encodeReadCapp, openRsaPublicKey, type PublicKey } from '@polycard/emv';
import { type IssuedCard, issueCards, type Plan } from '@polycard/fleet';
import { Region, readBlueprint, simulatedCaKeys } from '@polycard/platform';
import type { CardContext } from '../card/terminal-side.ts';
import type { TestCard } from '../card/test-card.ts';
import type { OwnPlatform } from './own-platform.ts';

export async function issueOwnCards(own: OwnPlatform, count: number): Promise<IssuedCard[]> {
  const { cards, manifest } = readBlueprint(own.blueprintDirectory);
  const planned = { product: cards.products[0]!.id, homeCity: manifest.cities[0]!.code, classes: {} };
  const plan = { cards: Array.from({ length: count }, () => planned) } as unknown as Plan;
  return issueCards(own.bureau, own.cardZone, plan, own.random, cards.profile.cardRsaBits, () => undefined);
}

export function testCardOf(snapshot: IssuedCard['snapshot'], random: OwnPlatform['random']): TestCard {
  const virtual = VirtualCard.restore(snapshot, { random });
  return { transmit: (command) => virtual.transmit(command), reset: () => virtual.reset(), virtual };
}

/** By RID and index. */
export async function ownCaKeys(own: OwnPlatform): Promise<ReadonlyMap<string, PublicKey>> {
  const directory = mkdtempSync(join(tmpdir(), 'polycard-keys-'));
  try {
    const entries = await simulatedCaKeys({
      ...{ blueprintDirectory: own.blueprintDirectory, simulationSeed: own.seed, dataDirectory: directory },
    });
    return new Map(
      entries.map(({ rid, index, modulus, exponent }) => [
        rid + index,
        openRsaPublicKey(fromHex(modulus), fromHex(exponent)),
      ]),
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The first variable record of the region's extended files. Throws when the blueprint has none. */
export function cappRecordOf(blueprintDirectory: string): CardContext['capp'] {
  const region = new Region(readBlueprint(blueprintDirectory));
  for (const { files } of cappApplications(region.blueprint)) {
    for (const { name } of files.flatMap((file) => file.records)) {
      const record = region.records.get(name);
      const id = record?.codec.recordId;
      if (record === undefined || id === undefined) continue;
      return {
        read: toHex(encodeReadCapp({ sfi: record.sfi, id: (id[0]! << 8) | id[1]! })),
        p2: toHex(Uint8Array.of(cappP2(record.sfi))),
        lengthBytes: record.codec.lengthBytes,
      };
    }
  }
  throw new PolycardError('POLYCARD_CONFORM_BLUEPRINT', 'the blueprint has no record of an extended file', {
    where: blueprintDirectory,
  });
}
