import { concat, fromHex, toHex } from '@polycard/bytes';
import { checkValue, seededRandom } from '@polycard/crypto';
import {
  buildCryptogramInput,
  computeApplicationCryptogram,
  cryptogramKindOfCvr,
  deriveCardKey,
  deriveSessionKey,
  openRsaPublicKey,
  parseIssuerApplicationData,
  type RsaPublicKey,
  recoverIccCertificate,
  recoverIssuerCertificate,
  staticDataToBeAuthenticated,
  verifyFddaSignature,
} from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import { availableOfflineAmount } from '../src/applets/pboc/balances.ts';
import { FIELD, STATE_BLOCKED } from '../src/applets/pboc/layout.ts';
import { VirtualCard } from '../src/index.ts';
import { type Answer, CardTerminal, type Purchase } from './card-terminal.ts';
import {
  type CardOptions,
  groupingsOf,
  personalisedCard,
  recordedCapk,
  recordedKeys,
  recordedPan,
} from './transcript-card.ts';
import transcripts from './vectors/pboc-transcripts.json' with { type: 'json' };

const ONLINE_PIN_AND_SIGNATURE = '26000000';
const SIGNATURE_ONLY = '22000000';
const NO_METHOD = '20000000';

function kindOf(answer: Answer): string {
  const iad = answer.tlv.get('9F10');
  return iad === undefined ? answer.sw : (cryptogramKindOfCvr(parseIssuerApplicationData(iad).cvr) ?? 'reserved');
}

function buy(purchase: Purchase, options: CardOptions = {}): Answer {
  const terminal = new CardTerminal(personalisedCard(options));
  terminal.select();
  return terminal.purchase(purchase);
}

/** The base card with other values in its internal data, all of the same length. */
function withInternal(values: Readonly<Record<string, string>>, variant = 'base'): CardOptions {
  let data = toHex(groupingsOf(variant).find((grouping) => grouping.dgi === '0D01')!.data);
  for (const [tag, value] of Object.entries(values)) {
    data = data.replace(new RegExp(`${tag}..${'.'.repeat(value.length)}`), (found) => found.slice(0, 6) + value);
  }
  return { variant, changes: [{ dgi: '0D01', data }] };
}

describe('cardholder verification', () => {
  it.each([
    ['online PIN, which makes it an online transaction', ONLINE_PIN_AND_SIGNATURE, 'ARQC', '8000'],
    ['signature, and it stays offline', SIGNATURE_ONLY, 'TC', '4000'],
    ['no common method: no answer', NO_METHOD, '6985', undefined],
    ['offline only: signature', '2A000000', 'TC', '4000'],
    ['offline only without signature', '28000000', '6985', undefined],
    ['offline only, online PIN is no use', '2C000000', '6985', undefined],
  ])('above the card limit: %s', (_, ttq, kind, ctq) => {
    const answer = buy({ amount: 30_000, ttq }, { variant: 'cvm' });
    expect(kindOf(answer)).toBe(kind);
    expect(answer.tlv.get('9F6C') && toHex(answer.tlv.get('9F6C')!)).toBe(ctq);
  });

  it('is not asked at the limit, and is when the terminal asks', () => {
    expect(toHex(buy({ amount: 20_000, ttq: NO_METHOD }, { variant: 'cvm' }).tlv.get('9F6C')!)).toBe('0000');
    expect(toHex(buy({ amount: 100, ttq: '22400000' }, { variant: 'cvm' }).tlv.get('9F6C')!)).toBe('4000');
    expect(buy({ amount: 100, ttq: '20400000' }, { variant: 'cvm' }).sw).toBe('6985');
  });

  it('counts the transaction even when it aborts', () => {
    const terminal = new CardTerminal(personalisedCard({ variant: 'cvm' }));
    terminal.select();
    expect(terminal.purchase({ amount: 30_000, ttq: NO_METHOD }).sw).toBe('6985');
    expect(terminal.atc()).toBe(1);
  });
});

describe('offline amount checks', () => {
  it('low value or CTTA: the balance first, the counter when it does not do', () => {
    const terminal = new CardTerminal(personalisedCard({ variant: 'cttaor' }));
    for (const [amount, kind, balance] of [
      [3000, 'TC', 2000],
      [3000, 'TC', 2000],
      [2000, 'TC', 0],
      [5000, 'TC', 0],
      [1, 'ARQC', 0],
    ] as const) {
      terminal.select();
      expect(kindOf(terminal.purchase({ amount }))).toBe(kind);
      if (kind === 'TC') terminal.last();
      expect(terminal.balance()).toBe(balance);
    }
  });

  it('no option of 9F68: no offline approval, 9F5D is nothing', () => {
    const options = withInternal({ '9F68': '01109000', '9F5D': '000000004321' });
    expect(kindOf(buy({ amount: 1 }, options))).toBe('ARQC');
    expect(kindOf(buy({ amount: 1, ttq: '28000000' }, options))).toBe('AAC');
    expect(toHex(buy({ amount: 1 }, options).tlv.get('9F5D')!)).toBe('000000000000');
  });

  it('hides 9F5D when 9F68 says so', () => {
    expect(buy({ amount: 1 }, withInternal({ '9F68': '80109000' })).tlv.has('9F5D')).toBe(false);
  });

  it('works out the available amount for each option', () => {
    const amounts = { balance: 700, ctta: 300, cttaLimit: 1000 };
    const of = (byte1: number) => availableOfflineAmount(Uint8Array.of(byte1, 0, 0, 0), amounts);
    expect([of(0x80), of(0x40), of(0x20), of(0x00)]).toEqual([700, 700, 1400, 0]);
  });

  it('another currency on an offline-only terminal: counted against 9F53, refused where 9F68 says so', () => {
    const abroad = { amount: 1, currency: '0840', ttq: '28000000' };
    expect(kindOf(buy(abroad))).toBe('TC');
    expect(kindOf(buy(abroad, withInternal({ '9F53': '00' })))).toBe('AAC');
    expect(kindOf(buy(abroad, { variant: 'curref' }))).toBe('AAC');
  });

  it('holds CTTA against its upper limit 9F5C where there is one', () => {
    const limits = { '9F54': '000000000100', '9F5C': '000000000500' };
    const options = withInternal(limits, 'cttaand');
    expect(kindOf(buy({ amount: 500 }, options))).toBe('TC');
    expect(kindOf(buy({ amount: 501 }, options))).toBe('ARQC');
    expect(toHex(buy({ amount: 100 }, withInternal({ ...limits, '9F68': '41109000' })).tlv.get('9F5D')!)).toBe(
      '000000000400',
    );
  });

  it('low value or CTTA: the single limit 9F78 holds for both', () => {
    const options = withInternal({ '9F78': '000000001000' }, 'cttaor');
    expect(kindOf(buy({ amount: 1000 }, options))).toBe('TC');
    expect(kindOf(buy({ amount: 1001 }, options))).toBe('ARQC');
  });

  it('a card that prefers the contact for online transactions ends this one at a terminal that has it', () => {
    const options = withInternal({ '9F68': '83109000' });
    expect(kindOf(buy({ amount: 1, ttq: '26800000' }, options))).toBe('ARQC');
    expect(kindOf(buy({ amount: 1, ttq: '36800000' }, options))).toBe('6985');
    expect(kindOf(buy({ amount: 1, ttq: '36000000' }, options))).toBe('TC');
  });

  it('refuses an amount that is no number before it counts anything', () => {
    const terminal = new CardTerminal(personalisedCard());
    terminal.select();
    const command = `80A800003C833A26000000FFFFFFFFFFFF${'00'.repeat(48)}00`;
    expect(terminal.send(command).sw).toBe('6A80');
    expect(terminal.atc()).toBe(0);
  });

  it('takes the largest amount there is', () => {
    for (const capp of [0, 1]) expect(kindOf(buy({ amount: 999_999_999_999, capp, ttq: '22000000' }))).toBe('ARQC');
  });
});

describe('a blocked application', () => {
  function blocked(): CardTerminal {
    const snapshot = personalisedCard().snapshot();
    const saved = snapshot.applications['A000000333010101']!;
    const bytes = Buffer.from(saved.memory!.bytes, 'base64');
    bytes[FIELD.state.offset] = STATE_BLOCKED;
    const applications = {
      ...snapshot.applications,
      A000000333010101: { ...saved, memory: { bytes: bytes.toString('base64') } },
    };
    return new CardTerminal(VirtualCard.restore({ ...snapshot, applications }, { random: seededRandom('blocked') }));
  }

  it('answers SELECT with its FCI and 6283, and approves nothing (the recorded card does)', () => {
    const terminal = blocked();
    const answer = terminal.select();
    expect(answer.sw).toBe('6283');
    expect(answer.data[0]).toBe(0x6f);
    expect(kindOf(terminal.purchase({ amount: 1 }))).toBe('AAC');
    terminal.last();
    expect(terminal.balance()).toBe(100_000);
  });
});

/** The chain from the certification authority of the recording down to the card's key. */
function cardKey(terminal: CardTerminal, capk: { modulus: string; exponent: string }): RsaPublicKey {
  const record = (command: string) => terminal.send(command);
  const [one, two, issuer, icc] = ['00B2010C00', '00B2011400', '00B2011C00', '00B2031C00'].map(record);
  expect(one!.sw).toBe('9000');
  const checks = { pan: recordedPan, date: '261122' };
  const ca = openRsaPublicKey(fromHex(capk.modulus), fromHex(capk.exponent));
  const recovered = recoverIssuerCertificate(
    { certificate: issuer!.tlv.get('90')!, remainder: issuer!.tlv.get('92'), exponent: issuer!.tlv.get('9F32')! },
    ca,
    checks,
  );
  if (!recovered.ok) throw new Error(`issuer certificate: ${recovered.reason}`);
  const issuerKey = openRsaPublicKey(recovered.content.publicKey.modulus, recovered.content.publicKey.exponent);
  const parts = {
    certificate: icc!.tlv.get('9F46')!,
    remainder: icc!.tlv.get('9F48'),
    exponent: icc!.tlv.get('9F47')!,
    staticData: staticDataToBeAuthenticated([{ sfi: 2, bytes: two!.data }], fromHex('7C00')),
  };
  const card = recoverIccCertificate(parts, issuerKey, checks);
  if (!card.ok) throw new Error(`ICC certificate: ${card.reason}`);
  const changed = { ...parts, staticData: concat(parts.staticData, Uint8Array.of(0)) };
  expect(recoverIccCertificate(changed, issuerKey, checks)).toEqual({ ok: false, reason: 'hash' });
  return openRsaPublicKey(card.content.publicKey.modulus, card.content.publicKey.exponent);
}

describe('dynamic signatures', () => {
  it('of version 01 verify with the 9F69 of the last record, under the recorded certificates', () => {
    const terminal = new CardTerminal(personalisedCard({ random: seededRandom('fdda') }));
    terminal.select();
    const answer = terminal.purchase({ amount: 300, ttq: '26000080', capp: 1 });
    const key = cardKey(terminal, recordedCapk);
    const cardAuthenticationData = terminal.last().tlv.get('9F69')!;
    expect(toHex(cardAuthenticationData)).toMatch(/^01.{8}000002$/);
    const terminalData = {
      unpredictableNumber: fromHex('A1B2C3D4'),
      version01: { amount: fromHex('000000000300'), currency: fromHex('0156'), cardAuthenticationData },
    };
    const signature = answer.tlv.get('9F4B')!;
    expect(verifyFddaSignature(key, signature, terminalData)).toEqual({ ok: true, atc: 1 });
    const other = { ...terminalData.version01, amount: fromHex('000000000301') };
    expect(verifyFddaSignature(key, signature, { ...terminalData, version01: other }).ok).toBe(false);
    expect(verifyFddaSignature(key, signature, { unpredictableNumber: fromHex('A1B2C3D4') }).ok).toBe(false);
  });

  it('are read from record 1 of SFI 06 when the key is above 1024 bits', () => {
    const terminal = new CardTerminal(personalisedCard({ variant: 'k1152' }));
    terminal.select();
    expect(terminal.send('00B2013400').sw).toBe('6A83');
    const answer = terminal.purchase({ amount: 500 });
    expect(kindOf(answer)).toBe('TC');
    expect([answer.tlv.has('9F4B'), answer.tlv.has('9F5D')]).toEqual([false, false]);
    const record = terminal.send('00B2013400');
    expect(toHex(record.tlv.get('9F5D')!)).toBe('000000099500');
    const key = cardKey(terminal, transcripts.card.capk.k1152);
    const data = { unpredictableNumber: fromHex('A1B2C3D4') };
    expect(verifyFddaSignature(key, record.tlv.get('9F4B')!, data)).toEqual({ ok: true, atc: 1 });
    expect(terminal.last().sw).toBe('9000');
    expect(terminal.balance()).toBe(99_500);
  });
});

describe('an SM4 card', () => {
  const imk = fromHex(recordedKeys.issuerMaster.ac);
  const account = { pan: recordedPan, psn: '01' };
  const keys = ['ac', 'mac', 'enc'].map((use) =>
    deriveCardKey('SM4', fromHex(recordedKeys.issuerMaster[use as 'ac']), account),
  );

  it('makes SM4 cryptograms when its 9F10 says algorithm 04', () => {
    const answer = buy(
      { amount: 100 },
      {
        changes: [
          { dgi: '8000', data: toHex(concat(...keys)) },
          { dgi: '9000', data: toHex(concat(...keys.map((key) => checkValue('SM4', key)))) },
          { dgi: '9207', data: '82027C00940C0801010010010201180104009F101307010103000000040A01000000000000000000' },
        ],
      },
    );
    const input = buildCryptogramInput(0x01, {
      amountAuthorised: fromHex('000000000100'),
      amountOther: new Uint8Array(6),
      terminalCountry: fromHex('0156'),
      tvr: new Uint8Array(5),
      currency: fromHex('0156'),
      date: fromHex('261122'),
      transactionType: fromHex('00'),
      unpredictableNumber: fromHex('A1B2C3D4'),
      aip: fromHex('7C00'),
      atc: 1,
      cvr: fromHex('900000'),
    });
    const sessionKey = deriveSessionKey('SM4', deriveCardKey('SM4', imk, account), 1);
    expect(answer.tlv.get('9F26')).toEqual(computeApplicationCryptogram('SM4', sessionKey, input));
    expect(parseIssuerApplicationData(answer.tlv.get('9F10')!).algorithm).toBe('SM4');
  });
});

describe('the contact interface', () => {
  it('chooses electronic cash or debit/credit and answers in format 1', () => {
    const terminal = new CardTerminal(personalisedCard({ interface: 'contact' }));
    terminal.select();
    const ask = (supported: string) => terminal.send(`80A800001F831D${supported}0000000001000156${'20'.repeat(20)}00`);
    expect(toHex(ask('01').data)).toBe('800E7C00080101001001020118010300');
    expect(ask('01').sw).toBe('6985');
    terminal.select();
    expect(ask('00').sw).toBe('9000');
    expect(terminal.send('80AE4000020000' + '00').sw).toBe('6700'); // not as long as CDOL1 wants
  });
});
