/** The data under a tap's cryptogram, rebuilt from what the terminal uploaded. */
import { fromHex, PolycardError } from '@polycard/bytes';
import { buildCryptogramInput, parseIssuerApplicationData } from '@polycard/emv';
import type { ClearingData } from './uploaded-tap.ts';

/** Tags that go into a cryptogram of version 01, in their order. */
export const CRYPTOGRAM_TAGS = [
  '9F02',
  '9F03',
  '9F1A',
  '95',
  '5F2A',
  '9A',
  '9C',
  '9F37',
  '82',
  '9F36',
  '9F10',
] as const;

/** Throws `POLYCARD_CLEARING_FORMAT` naming the tag that is missing or malformed. */
export function cryptogramInput(data: ClearingData): { input: Uint8Array; atc: number; cvn: number; cvr: Uint8Array } {
  const tag = (name: string): Uint8Array => {
    const hex = data[name];
    if (hex === undefined) {
      throw new PolycardError('POLYCARD_CLEARING_FORMAT', `F55 lacks ${name}`, {
        where: `F55.${name}`,
        expected: 'the tag',
      });
    }
    return fromHex(hex);
  };
  const issuerData = parseIssuerApplicationData(tag('9F10'));
  const atcBytes = tag('9F36');
  const atc = (atcBytes[0]! << 8) | atcBytes[1]!;
  const input = buildCryptogramInput(issuerData.cvn, {
    amountAuthorised: tag('9F02'),
    amountOther: tag('9F03'),
    terminalCountry: tag('9F1A'),
    tvr: tag('95'),
    currency: tag('5F2A'),
    date: tag('9A'),
    transactionType: tag('9C'),
    unpredictableNumber: tag('9F37'),
    aip: tag('82'),
    atc,
    cvr: issuerData.cvr,
  });
  return { input, atc, cvn: issuerData.cvn, cvr: issuerData.cvr };
}
