/**
 * Opening an industry file application on one card: its keys go to the card enciphered under the card's opening key, as
 * a finished ACTIVATE command. Neither the opening key nor the keys it brings can be used for anything else this way.
 */
import { PolycardError } from '@polycard/bytes';
import type { Algorithm } from '@polycard/crypto';
import { encodeIndustryActivation, type IndustryActivation, KEYS_PER_ACTIVATE } from '@polycard/emv';
import type { KeyEngine } from './engine.ts';
import { OPERATION } from './key-model.ts';
import type { KeyRegister } from './key-register.ts';
import type { ApplicationActivation } from './vault.ts';

const CHALLENGE_BYTES = 8;

export function activateApplication(
  keys: KeyRegister,
  engine: KeyEngine,
  openingLabel: string,
  request: ApplicationActivation,
): IndustryActivation {
  const { challenge, session, hasMore } = request;
  if (challenge.length !== CHALLENGE_BYTES || request.keys.length === 0 || request.keys.length > KEYS_PER_ACTIVATE) {
    throw new PolycardError('POLYCARD_VAULT_ACTIVATION', 'one ACTIVATE carries keys for one challenge of the card', {
      where: openingLabel,
      expected: `a challenge of ${CHALLENGE_BYTES} bytes and 1 to ${KEYS_PER_ACTIVATE} keys`,
    });
  }
  const opening = keys.usable(openingLabel, OPERATION.openApplication);
  const brought = request.keys.map((each) => ({
    ...each,
    record: keys.usable(each.label, OPERATION.installApplicationKey),
  }));
  const [openingKey] = engine.disperse(opening, [request.openingFactors]);
  const cardKeys = brought.map(({ record, factors }) => engine.disperse(record, [factors])[0]!);
  try {
    return encodeIndustryActivation(
      { algorithm: opening.algorithm as Algorithm, key: openingKey!, session },
      challenge,
      brought.map(({ reference, record }, index) => ({
        reference,
        version: versionByte(record.version),
        key: cardKeys[index]!,
      })),
      hasMore,
    );
  } finally {
    for (const key of [openingKey!, ...cardKeys]) key.fill(0);
  }
}

/** On a card a version is one byte and 0 is none. */
function versionByte(version: number): number {
  return ((version - 1) % 0xff) + 1;
}
