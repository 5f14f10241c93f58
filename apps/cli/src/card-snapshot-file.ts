/** A card kept in a file between runs. It holds the card's clear keys, as a chip does: only its owner may read it. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { PolycardError } from '@polycard/bytes';
import { type CardSnapshot, VirtualCard } from '@polycard/card';
import type { RandomSource } from '@polycard/crypto';

/** The card in `path`, or undefined when there is no such file yet. Throws `POLYCARD_CLI_SNAPSHOT`. */
export function readCardSnapshot(path: string, random: RandomSource): VirtualCard | undefined {
  if (!existsSync(path)) return undefined;
  const wrong = (found: string, cause?: unknown): PolycardError =>
    new PolycardError('POLYCARD_CLI_SNAPSHOT', `${path} is no card snapshot: ${found}`, {
      where: '--snapshot',
      expected: 'a file written by card serve --snapshot',
      cause,
    });
  let snapshot: CardSnapshot;
  try {
    snapshot = JSON.parse(readFileSync(path, 'utf8')) as CardSnapshot;
  } catch (cause) {
    throw wrong((cause as Error).message, cause);
  }
  if (snapshot?.format !== 'polycard-card-1') throw wrong('its format is not polycard-card-1');
  try {
    return VirtualCard.restore(snapshot, { random });
  } catch (cause) {
    throw wrong('its contents do not fit together', cause);
  }
}

/** Written beside and renamed, so that a kill leaves the old card or the new one. */
export function writeCardSnapshot(path: string, card: VirtualCard): void {
  const temporary = `${path}.new`;
  writeFileSync(temporary, `${JSON.stringify(card.snapshot())}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}
