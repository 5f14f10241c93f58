/** Whole contact transactions: our terminal, our card, our issuer's host, over one channel. */
import { bcdFromNumber, fromHex, toHex } from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import { answerOnline, checkCryptogram, scriptLoad, scriptPinUnblock, scriptPutData } from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import type { VirtualCard } from '../../card/src/index.ts';
import { type CertifiedOptions, certifiedCard } from '../../card/test/certified-card.ts';
import { cardKeys } from '../../card/test/contact-terminal.ts';
import { personalisedCard } from '../../card/test/transcript-card.ts';
import {
  type AuthorisationRequest,
  type AuthorisationResponse,
  type ContactConfiguration,
  type ContactRequest,
  type IssuerLink,
  runContactTransaction,
} from '../src/index.ts';

const NO_CODES = { denial: new Uint8Array(5), online: new Uint8Array(5), default: new Uint8Array(5) };
const configuration: Omit<ContactConfiguration, 'caKeys'> = {
  country: '156',
  currency: '156',
  capabilities: fromHex('E0B8C8'),
  terminalType: fromHex('22'),
  applicationVersion: fromHex('0030'),
  floorLimitFen: 50_000,
  actionCodes: NO_CODES,
  merchantName: 'TEST SHOP',
  aids: [fromHex('A000000333')],
};
const AT = '20261122091500';

/** An issuer: proves the ARQC, accepts, and sends what scripts it is told to. */
function issuer(
  seen: AuthorisationRequest[],
  answer: (request: AuthorisationRequest) => Partial<AuthorisationResponse> = () => ({}),
): IssuerLink {
  return (request) => {
    seen.push(request);
    const checked = checkCryptogram(cardKeys, (tag) => request.get(tag));
    if (!checked.ok || checked.discretionary?.ok === false) return { responseCode: '05' };
    const { issuerAuthenticationData } = answerOnline(cardKeys, { atc: checked.atc, arqc: request.get('9F26')! }, '00');
    return { responseCode: '00', issuerAuthenticationData, ...answer(request) };
  };
}

const scriptOf = (request: AuthorisationRequest) =>
  answerOnline(
    cardKeys,
    { atc: checkCryptogram(cardKeys, (tag) => request.get(tag)).atc, arqc: request.get('9F26')! },
    '00',
  ).script;

const certified = certifiedCard();
const cardWith = (options: CertifiedOptions = {}): { card: VirtualCard; caKeys: ContactConfiguration['caKeys'] } => {
  const { changes, caKeys } = Object.keys(options).length === 0 ? certified : certifiedCard(options);
  return { card: personalisedCard({ interface: 'contact', changes }), caKeys };
};

function run(
  { card, caKeys }: ReturnType<typeof cardWith>,
  request: Partial<ContactRequest>,
  link?: IssuerLink,
  changes: Partial<ContactConfiguration> = {},
) {
  return runContactTransaction(
    card,
    { ...configuration, caKeys, ...changes },
    { amountFen: 800, at: AT, ...request },
    { random: seededRandom('till'), ...(link === undefined ? {} : { issuer: link }) },
  );
}

describe('an electronic cash purchase', () => {
  it('is paid offline, authenticated by DDA, and taken off the balance', async () => {
    const outcome = await run(cardWith(), { electronicCash: true });
    expect(outcome).toMatchObject({
      approved: true,
      kind: 'TC',
      online: false,
      balanceBeforeFen: 100_000,
      balanceAfterFen: 99_200,
    });
    expect(outcome.authentication).toMatchObject({ method: 'DDA', ok: true });
    expect(checkCryptogram(cardKeys, (tag) => outcome.clearing.get(tag))).toMatchObject({
      ok: true,
      kind: 'TC',
      balanceFen: 99_200,
    });
  });

  it('is a debit/credit transaction when the balance does not hold it', async () => {
    const seen: AuthorisationRequest[] = [];
    const own = cardWith();
    const outcome = await run(own, { electronicCash: true, amountFen: 100_001 }, issuer(seen));
    expect(outcome).toMatchObject({ approved: true, online: true, balanceAfterFen: 100_000 });
    expect(seen).toHaveLength(1);
  });
});

describe('a debit/credit transaction', () => {
  it('goes online above the floor limit; the issuer proves the ARQC and the card the ARPC', async () => {
    const seen: AuthorisationRequest[] = [];
    const outcome = await run(cardWith(), { amountFen: 50_001 }, issuer(seen));
    expect(outcome).toMatchObject({ approved: true, kind: 'TC', online: true });
    expect(toHex(outcome.tvr)).toBe('0000008000');
    expect(toHex(outcome.tsi)).toBe('F800');
    expect(checkCryptogram(cardKeys, (tag) => seen[0]!.get(tag)).kind).toBe('ARQC');
    expect(checkCryptogram(cardKeys, (tag) => outcome.clearing.get(tag))).toMatchObject({ ok: true, kind: 'TC' });
  });

  it('runs scripts before and after the second GENERATE AC, and says how they went', async () => {
    const own = cardWith();
    const link = issuer([], (request) => ({
      scriptsBefore: [scriptPutData(scriptOf(request), '9F58', fromHex('0A'))],
      scriptsAfter: [
        scriptPutData(scriptOf(request), '9F59', fromHex('0C')),
        fromHex('04DA9F580509AABBCCDD'),
        scriptPinUnblock(scriptOf(request)),
      ],
    }));
    const outcome = await run(own, { forceOnline: true }, link);
    expect(outcome.approved).toBe(true);
    expect(outcome.scripts.map(({ sw }) => sw.toString(16))).toEqual(['9000', '9000', '6988']);
    expect(toHex(outcome.tvr.subarray(4))).toBe('10');
    // The next ARQC tells the issuer: two commands after the second GENERATE AC, one of them failed.
    const next: AuthorisationRequest[] = [];
    await run(own, { forceOnline: true }, issuer(next));
    expect(toHex(checkCryptogram(cardKeys, (tag) => next[0]!.get(tag)).issuerData.cvr)).toBe('A0002A');
  });

  it('is declined when the issuer declines, and when its cryptogram is wrong (ADA byte 1 b7)', async () => {
    expect(await run(cardWith(), { forceOnline: true }, () => ({ responseCode: '05' }))).toMatchObject({
      approved: false,
      kind: 'AAC',
      online: true,
    });
    const forged: IssuerLink = () => ({
      responseCode: '00',
      issuerAuthenticationData: fromHex('00000000000000003030'),
    });
    const outcome = await run(cardWith(), { forceOnline: true }, forged);
    expect(outcome).toMatchObject({ approved: false, kind: 'AAC' });
    expect(toHex(outcome.tvr.subarray(4))).toBe('40');
  });

  it('without an answer from the issuer is decided by the default action codes', async () => {
    const unreachable: IssuerLink = () => undefined;
    // 9F0D of the card contains the floor limit bit: declined.
    expect(await run(cardWith(), { amountFen: 50_001 }, unreachable)).toMatchObject({ approved: false, kind: 'AAC' });
    // Asked online by the merchant alone, the card lets it go.
    const outcome = await run(cardWith({ objects: { '9F0D': '0000000000' } }), { forceOnline: true }, unreachable);
    expect(outcome).toMatchObject({ approved: true, kind: 'TC', online: false });
    const { issuerData } = checkCryptogram(cardKeys, (tag) => outcome.clearing.get(tag));
    expect(issuerData.cvr[0]! & 0x01).toBe(1);
  });

  it('is refused of a card on the exception file, of an expired and of a blocked one', async () => {
    const listed = { ...NO_CODES, denial: fromHex('1000000000') };
    const denied = await run(cardWith(), { isDenied: () => true }, issuer([]), { actionCodes: listed });
    expect(denied).toMatchObject({ approved: false, kind: 'AAC' });
    const late = await run(cardWith(), { at: '20311122091500' }, issuer([]), {
      actionCodes: { ...NO_CODES, denial: fromHex('0040000000') },
    });
    expect(late).toMatchObject({ approved: false, kind: 'AAC' });
    expect(late.tvr[1]! & 0x40).toBe(0x40);
    expect(late.authentication?.ok).toBe(false); // the certificates have expired too
  });
});

describe('a load', () => {
  it('sets the balance the issuer worked out from the one the card reported', async () => {
    const own = cardWith();
    const link = issuer([], (request) => {
      const { balanceFen } = checkCryptogram(cardKeys, (tag) => request.get(tag));
      return { scriptsBefore: [scriptLoad(scriptOf(request), balanceFen! + 50_000)] };
    });
    const load = { electronicCash: false, amountFen: 50_000, transactionType: '63', forceOnline: true };
    const outcome = await run(own, load, link);
    expect(outcome.scripts.map(({ sw }) => sw)).toEqual([0x9000]);
    expect(outcome.approved).toBe(true);
    const after = await run(own, { electronicCash: true, amountFen: 1 });
    expect(after).toMatchObject({ approved: true, balanceBeforeFen: 150_000, balanceAfterFen: 149_999 });
    const log = toHex(own.card.transmit(fromHex('00B2016400')));
    expect(log.slice(0, 28)).toBe(`9F79${toHex(bcdFromNumber(100_000, 6))}${toHex(bcdFromNumber(150_000, 6))}`);
  });
});

describe('offline data authentication', () => {
  it.each([96, 112, 128, 144, 176, 248])('DDA with a card key of %i bytes', async (modulusBytes) => {
    const outcome = await run(cardWith({ modulusBytes }), { electronicCash: true });
    expect(outcome.authentication).toMatchObject({ method: 'DDA', ok: true });
    expect(outcome.approved).toBe(true);
  });

  it('CDA: TC, ARQC and the second TC are signed; SDA where no more is there', async () => {
    const own = cardWith({ aip: '7D00' });
    const cash = await run(own, { electronicCash: true });
    expect(cash).toMatchObject({ approved: true, authentication: { method: 'CDA', ok: true } });
    const seen: AuthorisationRequest[] = [];
    const online = await run(own, { forceOnline: true }, issuer(seen));
    expect(online).toMatchObject({ approved: true, online: true, authentication: { method: 'CDA', ok: true } });
    const poor = await run(cardWith({ aip: '5C00' }), { electronicCash: true });
    expect(poor).toMatchObject({ approved: true, authentication: { method: 'SDA', ok: true } });
  });

  it('one flipped bit in a certificate, in static data or in a signature is found, in each method', async () => {
    const cases = [
      ['7C00', /^70.*9F4681/, 60, 0x08],
      ['7C00', /^8081/, 60, 0x08],
      ['7C00', /5F2403/, 7, 0x08],
      ['5C00', /^7081.*9381/, 60, 0x40],
      ['7D00', /^77.*9F4B/, 80, 0x04],
    ] as const;
    for (const [aip, pattern, at, bit] of cases) {
      const own = cardWith({ aip });
      let flips = 0;
      const card = {
        transmit(command: Uint8Array): Uint8Array {
          const answer = own.card.transmit(command);
          if (!pattern.test(toHex(answer))) return answer;
          flips++;
          const changed = answer.slice();
          changed[at]! ^= 0x01;
          return changed;
        },
      };
      const outcome = await runContactTransaction(
        card,
        { ...configuration, caKeys: own.caKeys },
        { amountFen: 800, at: AT, electronicCash: true },
        { random: seededRandom('till') },
      );
      expect([aip, String(pattern), flips > 0, outcome.approved], JSON.stringify(outcome.authentication)).toEqual([
        aip,
        String(pattern),
        true,
        false,
      ]);
      expect(outcome.tvr[0]! & bit, String(pattern)).toBe(bit);
    }
  });
});

describe('cardholder verification', () => {
  const PLAIN = '00000000000000004103' + '1E031F00';
  const ENCIPHERED = '00000000000000004403' + '1F00';

  it('takes the right PIN, plain or enciphered, and tells a wrong one', async () => {
    for (const [cvmList, method] of [
      [PLAIN, '41'],
      [ENCIPHERED, '44'],
    ] as const) {
      const own = cardWith({ cvmList });
      const right = await run(own, { pin: '1234', forceOnline: true }, issuer([]));
      expect([right.approved, toHex(right.verification!)]).toEqual([true, `${method}0302`]);
      const seen: AuthorisationRequest[] = [];
      const wrong = await run(own, { pin: '9999', forceOnline: true }, issuer(seen));
      expect(toHex(wrong.verification!).slice(0, 2)).not.toBe(method);
      const { cvr } = checkCryptogram(cardKeys, (tag) => seen[0]!.get(tag)).issuerData;
      expect(cvr[0]! & 0x06).toBe(0x06);
    }
  });

  it('an exhausted PIN shows in the TVR; nobody keys one in shows too', async () => {
    const own = cardWith({ cvmList: '00000000000000000103' });
    for (const expected of [0x80, 0x80, 0xa0, 0xa0]) {
      const outcome = await run(own, { pin: '9999', forceOnline: true }, issuer([]));
      expect(outcome.tvr[2]).toBe(expected);
    }
    const without = await run(cardWith({ cvmList: '00000000000000000103' }), { forceOnline: true }, issuer([]));
    expect(without.tvr[2]).toBe(0x88);
  });

  it('the card without an enciphered method in its list does not know the commands', () => {
    const { card } = cardWith();
    card.transmit(fromHex('00A4040008A00000033301010100'));
    expect(toHex(card.transmit(fromHex('0084000000')))).toBe('6D00');
    expect(toHex(card.transmit(fromHex(`0020008880${'00'.repeat(128)}`)))).toBe('6A86');
  });
});

describe('a card that answers anything', () => {
  it('never takes the terminal down: cut and random answers end in a refusal', async () => {
    const random = seededRandom('odd card');
    for (let round = 0; round < 300; round++) {
      const own = cardWith();
      const at = round % 14;
      let number = 0;
      const card = {
        transmit(command: Uint8Array): Uint8Array {
          const answer = own.card.transmit(command);
          if (number++ !== at) return answer;
          const cut = random(1)[0]! % Math.max(1, answer.length - 2);
          const body = round % 2 === 0 ? answer.slice(0, cut) : random(cut);
          return Uint8Array.of(...body, 0x90, 0x00);
        },
      };
      const outcome = await runContactTransaction(
        card,
        { ...configuration, caKeys: own.caKeys },
        { amountFen: 800, at: AT, electronicCash: true },
        { random },
      );
      expect(typeof outcome.approved).toBe('boolean');
    }
  });
});
