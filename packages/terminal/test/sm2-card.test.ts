/** A card with SM2 keys and certificates and SM4 cryptograms, on contact and contactless. */
import { fromHex, toHex } from '@polycard/bytes';
import { generateSm2Key, seededRandom } from '@polycard/crypto';
import { answerOnline, checkCryptogram, checkFddaSignature, scriptLoad } from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import { CardTerminal } from '../../card/test/card-terminal.ts';
import { type CertifiedCard, sm2CertifiedCard } from '../../card/test/certified-card.ts';
import { cardKeys } from '../../card/test/contact-terminal.ts';
import { personalisedCard, recordedPan } from '../../card/test/transcript-card.ts';
import {
  type AuthorisationRequest,
  type ContactRequest,
  type IssuerLink,
  makeSale,
  runContactTransaction,
} from '../src/index.ts';
import { recoverCardKey } from '../src/kernel/offline-data-authentication.ts';
import { emptyApplicationData, takeRecord } from '../src/kernel/read-application-data.ts';

/** The same bytes as 3DES keys: the algorithm is what 9F10 says. */
const keys = { ...cardKeys, algorithm: 'SM4' } as const;
const NO_CODES = { denial: new Uint8Array(5), online: new Uint8Array(5), default: new Uint8Array(5) };

function run(
  certified: CertifiedCard,
  request: Partial<ContactRequest>,
  options: { issuer?: IssuerLink; change?: (answer: Uint8Array) => Uint8Array; sm?: boolean } = {},
) {
  const own = personalisedCard({ interface: 'contact', changes: certified.changes });
  const change = options.change ?? ((answer: Uint8Array) => answer);
  return runContactTransaction(
    { transmit: (command) => change(own.transmit(command)) },
    {
      ...{ country: '156', currency: '156', capabilities: fromHex('E0B8C8'), terminalType: fromHex('22') },
      ...{ applicationVersion: fromHex('0030'), floorLimitFen: 50_000, actionCodes: NO_CODES },
      ...{ aids: [fromHex('A000000333')], caKeys: certified.caKeys, smAlgorithms: options.sm ?? true },
    },
    { amountFen: 800, at: '20261122091500', ...request },
    { random: seededRandom('till'), ...(options.issuer === undefined ? {} : { issuer: options.issuer }) },
  );
}

describe('an SM2 card on contact', () => {
  it.each([
    ['7C00', 'DDA'],
    ['7D00', 'CDA'],
    ['5C00', 'SDA'],
  ])('AIP %s: %s holds, and the TC is an SM4 one', async (aip, method) => {
    const outcome = await run(sm2CertifiedCard({ aip }), { electronicCash: true });
    expect(outcome).toMatchObject({ approved: true, kind: 'TC', authentication: { method, ok: true } });
    const checked = checkCryptogram(keys, (tag) => outcome.clearing.get(tag));
    expect(checked).toMatchObject({ ok: true, balanceFen: 99_200 });
    expect(checked.issuerData.algorithm).toBe('SM4');
  });

  it('goes online under SM4: ARQC, ARPC, load by script', async () => {
    const issuer: IssuerLink = (request: AuthorisationRequest) => {
      const { ok, atc, balanceFen } = checkCryptogram(keys, (tag) => request.get(tag));
      if (!ok) return { responseCode: '05' };
      const answer = answerOnline(keys, { atc, arqc: request.get('9F26')! }, '00');
      return {
        responseCode: '00',
        issuerAuthenticationData: answer.issuerAuthenticationData,
        scriptsBefore: [scriptLoad(answer.script, balanceFen! + 1000)],
      };
    };
    const outcome = await run(sm2CertifiedCard({ aip: '7D00' }), { forceOnline: true }, { issuer });
    expect(outcome).toMatchObject({ approved: true, online: true, authentication: { method: 'CDA', ok: true } });
    expect(outcome.scripts.map(({ sw }) => sw)).toEqual([0x9000]);
    expect(checkCryptogram(keys, (tag) => outcome.clearing.get(tag)).balanceFen).toBe(101_000);
  });

  it.each([
    ['7C00', /^70.*9F4681/, 40],
    ['7C00', /^70.*9081/, 40],
    ['7C00', /^8045/, 40],
    ['7C00', /5F2403/, 7],
    ['5C00', /^70.*9343/, 40],
    ['7D00', /^77.*9F4B/, 60],
  ])('AIP %s: one flipped bit in what matches %s is found', async (aip, pattern, at) => {
    let flips = 0;
    const change = (answer: Uint8Array): Uint8Array => {
      if (!pattern.test(toHex(answer))) return answer;
      flips++;
      const changed = answer.slice();
      changed[at]! ^= 0x01;
      return changed;
    };
    const outcome = await run(sm2CertifiedCard({ aip }), { electronicCash: true }, { change });
    expect([flips > 0, outcome.approved, outcome.authentication?.ok]).toEqual([true, false, false]);
  });

  it('signs with its RSA key for a terminal that does not know SM2, which then misses a certificate', async () => {
    const outcome = await run(sm2CertifiedCard(), { electronicCash: true }, { sm: false });
    expect(outcome).toMatchObject({ approved: false, authentication: { ok: false } });
  });
});

describe('an SM2 card in the field', () => {
  it.each(['26000000', '26000080'])('qPBOC with TTQ %s: fDDA holds for this transaction alone', (ttq) => {
    const certified = sm2CertifiedCard();
    const terminal = new CardTerminal(personalisedCard({ changes: certified.changes }));
    terminal.select();
    const answer = terminal.purchase({ amount: 500, ttq, sm: true });
    const data = emptyApplicationData();
    for (const [sfi, record, isAuthenticated] of [
      [1, 1, false],
      [2, 1, true],
      [2, 2, false],
      [3, 1, false],
      [3, 2, false],
      [3, 3, false],
      [3, 4, false],
    ] as const) {
      const p2 = ((sfi << 3) | 4).toString(16).padStart(2, '0');
      const bytes = fromHex(terminal.raw(`00b20${record}${p2}00`)).slice(0, -2);
      takeRecord({ sfi, record, isAuthenticated }, bytes, data);
    }
    const cardKey = recoverCardKey(certified.caKeys, 'A000000333', (tag) => data.objects.get(tag), {
      ...{ checks: { pan: recordedPan, date: '261122' }, data, aip: fromHex('7C00') },
    });
    if (typeof cardKey === 'string') throw new Error(cardKey);
    const signature = answer.tlv.get('9F4B')!;
    expect(signature.length).toBe(69);
    const cardAuthenticationData = data.objects.get('9F69');
    expect(cardAuthenticationData !== undefined).toBe(ttq.endsWith('80'));
    const known = (amount: string, unpredictableNumber = 'A1B2C3D4') => ({
      unpredictableNumber: fromHex(unpredictableNumber),
      ...(cardAuthenticationData === undefined
        ? {}
        : { version01: { amount: fromHex(amount), currency: fromHex('0156'), cardAuthenticationData } }),
    });
    expect(checkFddaSignature(cardKey, signature, known('000000000500'))).toEqual({ ok: true, atc: 1 });
    expect(checkFddaSignature(cardKey, signature, known('000000000500', 'A1B2C3D5')).ok).toBe(false);
    if (ttq.endsWith('80')) expect(checkFddaSignature(cardKey, signature, known('000000000501')).ok).toBe(false);
    for (let length = 0; length < signature.length; length++) {
      expect(checkFddaSignature(cardKey, signature.subarray(0, length), known('000000000500')).ok).toBe(false);
    }
  });

  it.each(['26000000', '26000080'])(
    'makeSale with TTQ %s: approved, fDDA passed; with another key it is not',
    (ttq) => {
      const certified = sm2CertifiedCard();
      const sale = (caKeys: CertifiedCard['caKeys'], smAlgorithms: boolean) =>
        makeSale(
          personalisedCard({ changes: certified.changes }),
          {
            ...{ ttq: fromHex(ttq), capabilities: fromHex('E0F8C8'), terminalType: fromHex('22') },
            ...{ country: '156', currency: '156', merchantName: 'TEST', smAlgorithms },
          },
          { amountFen: 500, at: '20261122091500' },
          { caKeys, random: seededRandom('sale'), monotonicUs: () => 0 },
        );
      expect(sale(certified.caKeys, true)).toMatchObject({
        outcome: 'approved',
        oda: { result: 'passed', method: 'fDDA' },
      });
      const other = new Map(
        [...certified.caKeys.keys()].map((id) => [id, { point: generateSm2Key(seededRandom('other')).publicKey }]),
      );
      expect(sale(other, true)).toMatchObject({ oda: { result: 'failed' } });
      expect(sale(certified.caKeys, false)).toMatchObject({ oda: { result: 'failed' } });
    },
  );
});
