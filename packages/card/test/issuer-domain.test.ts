import { fromHex, toHex } from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import {
  encodeInstall,
  encodeLoad,
  encodePutKey,
  encodeSetStatus,
  HostSecureChannel,
  KEY_TYPE_AES,
  parseCardRecognitionData,
  parseKeyInformation,
  parseStatusEntries,
  personaliseCard,
  readRegistry,
  type SecureChannelProtocol,
  type StatusEntry,
} from '@polycard/globalplatform';
import { describe, expect, it } from 'vitest';
import { AID_PBOC_DEBIT, AID_PPSE, VirtualCard } from '../src/index.ts';
import { hostOptions, issuerCard, openDomain, recordedApplications, selectSw, send, swOf } from './issuer.ts';
import { personalisedCard, scenarios } from './transcript-card.ts';

const ISD = 'A000000151000000';
const PBOC = 'A000000333010101';
const PROTOCOLS: readonly SecureChannelProtocol[] = [
  { scp: 2, i: 0x15 },
  { scp: 2, i: 0x55 },
  { scp: 2, i: 0x75 },
  { scp: 3, i: 0x00 },
  { scp: 3, i: 0x10 },
  { scp: 3, i: 0x70 },
  { scp: 3, i: 0x71 },
];
const nameOf = ({ scp, i }: SecureChannelProtocol): string => `SCP0${scp} i=${i.toString(16).padStart(2, '0')}`;

const shown = ({ aid, lifeCycle }: StatusEntry): string =>
  `${toHex(aid)} ${lifeCycle.toString(16).padStart(2, '0').toUpperCase()}`;

describe.each(PROTOCOLS.map((protocol) => [nameOf(protocol), protocol] as const))(
  'a blank card with %s',
  (_, protocol) => {
    it.each(['application', 'domain'] as const)('takes its data groupings through the %s', async (through) => {
      const card = issuerCard(protocol);
      expect(selectSw(card, AID_PBOC_DEBIT)).toBe('6A82');
      const report = await personaliseCard(card, recordedApplications(), { ...hostOptions(protocol), through });
      expect(report.applications.map(({ aid, installedFrom }) => [aid, installedFrom])).toEqual([
        [toHex(AID_PPSE), '325041592E535953'],
        ['315041592E5359532E4444463031', '325041592E535953'],
        [PBOC, 'A0000003330101'],
      ]);
      const fast = personalisedCard();
      card.reset();
      // the same card as by the short way, byte for byte
      expect(card.snapshot().applications).toEqual(fast.snapshot().applications);
      const scenario = scenarios.find(({ name }) => name === 'select-contactless')!;
      for (const { c } of scenario.steps.filter((step) => step.c !== undefined))
        expect(send(card, c!)).toBe(send(fast, c!));
      const session = await openDomain(card, { protocol });
      expect((await readRegistry(session, 'applications')).map(shown)).toEqual([
        `${toHex(AID_PPSE)} 0F`,
        '315041592E5359532E4444463031 0F',
        `${PBOC} 0F`,
      ]);
    });
  },
);

describe('the issuer security domain in clear', () => {
  const card = issuerCard();

  it('is selected after reset, by no AID, by its AID and by a part of it', () => {
    const fci = send(card, '00A4040000');
    expect(fci).toMatch(/^6F41?.*8408A000000151000000A5.*9000$/);
    expect(send(card, '00A4040008A00000015100000000')).toBe(fci);
    expect(send(card, '00A4040008A000000151000000')).toBe(fci);
    expect(send(card, '00A4040005A00000015100')).toBe(fci);
    expect(send(card, '00A4040205A00000015100')).toBe('6A82');
    expect(parseCardRecognitionData(fromHex(fci.slice(0, -4)))).toEqual([{ scp: 3, i: 0x70 }]);
  });

  it('answers what tools ask before they authenticate', () => {
    expect(send(card, '80CA9F7F00')).toMatch(/^9F7F2A.{84}9000$/);
    expect(send(card, '00CA9F7F00')).toMatch(/^.{84}9000$/);
    expect(send(card, '80CA006600')).toMatch(/^6631732F06072A864886FC6B01600C060A2A864886FC6B02020301.*0402?.*9000$/);
    expect(send(card, '80CA006700')).toMatch(/^67.*9000$/);
    expect(send(card, '80CA00E000')).toBe('E012C00401308810C00402308810C004033088109000');
    expect(send(card, '80CA00C100')).toBe('C1030000009000');
    expect(send(card, '80CA00CF00')).toBe('CF0A000102030405060708099000');
    expect(send(card, '80CA00D300')).toBe('D301009000');
    expect(send(card, '80CAFF2100')).toBe('FF210F8101008204000140008304000008009000');
    expect(send(card, '80CA2F00025C0000')).toBe('9000');
    for (const tag of ['0042', '0045', '01E0', '9F79', '00C2']) expect(send(card, `80CA${tag}00`), tag).toBe('6A88');
  });

  it('does nothing else without a secure channel', () => {
    for (const command of [
      '80F28002024F0000',
      '80E40000074F05A00000033300',
      '80F0800700',
      '80D80081012100',
      '80E290000142',
    ]) {
      expect(send(card, command), command).toBe('6982');
    }
    expect(send(card, '84F28002024F0000')).toBe('6982');
    expect(send(card, '848201001061B103B83DA9944E868AD32959B3E951')).toBe('6985');
    expect(send(card, '8050FE0008010203040506070800')).toBe('6A88');
    expect(send(card, '805000000701020304050607')).toBe('6700');
    expect(send(card, '80500000')).toBe('6700');
    expect(send(card, '8150000008010203040506070800')).toBe('6881');
    expect(send(card, '01A4040000')).toBe('6881');
    expect(send(card, '0070000000')).toBe('6D00');
  });

  it('counts sessions: SCP03 at INITIALIZE UPDATE, SCP02 at the first good MAC', async () => {
    const scp03 = issuerCard();
    for (const expected of ['000001', '000002']) {
      expect(send(scp03, '8050000008010203040506070800').slice(-10, -4)).toBe(expected);
    }
    expect(send(scp03, '80CA00C100')).toBe('C1030000029000');
    const scp02 = issuerCard({ scp: 2, i: 0x55 });
    expect(send(scp02, '8050000008010203040506070800').slice(20, 28)).toBe('20020000');
    expect(send(scp02, '8050000008010203040506070800').slice(20, 28)).toBe('20020000');
    await openDomain(scp02, { protocol: { scp: 2, i: 0x55 } });
    expect(send(scp02, '00A4040000').slice(-4)).toBe('9000');
    expect(send(scp02, '80CA00C100')).toBe('C10200019000');
  });

  it('answers a card without keys as one without keys', () => {
    const plain = new VirtualCard({ random: seededRandom('x') });
    expect(send(plain, '80CA00E000')).toBe('E002C0009000');
    expect(send(plain, '8050000008010203040506070800')).toBe('6A88');
  });
});

describe('the registry', () => {
  it('shows the card, its load files, their modules and its applications', async () => {
    const card = issuerCard();
    const session = await openDomain(card);
    const [domain] = await readRegistry(session, 'issuerDomain');
    expect(shown(domain!)).toBe(`${ISD} 01`);
    expect(toHex(domain!.privileges!)).toBe('9EFE80');
    expect(await readRegistry(session, 'applications')).toEqual([]);
    const files = await readRegistry(session, 'loadFilesAndModules');
    expect(files.flatMap(({ modules = [] }) => modules.map(toHex))).toContain(PBOC);
    expect((await readRegistry(session, 'loadFiles')).every(({ modules }) => modules === undefined)).toBe(true);
    expect(await swOf(session, '80F24000024F00')).toBe('6A86');
    expect(await swOf(session, '80F21003024F00')).toBe('6985');
    expect(await swOf(session, '80F21002044F02A000')).toBe('9000');
    expect(await swOf(session, '80F21002034F01B0')).toBe('6A88');
    expect(await swOf(session, '80F210020142')).toBe('6A80');
    const some = await session.send({ cla: 0x80, ins: 0xf2, p1: 0x10, p2: 0x02, data: fromHex('4F005C014F') });
    expect(parseStatusEntries(some.data).length).toBeGreaterThan(0);
  });

  it('comes in several answers when it is long', async () => {
    const card = issuerCard();
    const session = await openDomain(card);
    for (let index = 0; index < 12; index++) {
      const instance = fromHex(`A0000003330101${(0x10 + index).toString(16)}`);
      await session.sendExpectingSuccess(
        encodeInstall({
          ...{ purpose: 'install', makeSelectable: true, loadFile: fromHex('A0000003330101'), module: AID_PBOC_DEBIT },
          ...{ instance, privileges: new Uint8Array(3), applicationParameters: new Uint8Array(0) },
        }),
      );
    }
    expect(await swOf(session, '80F24002024F00')).toBe('6310');
    expect(await swOf(session, '80F24003024F00')).toBe('6310');
    expect(await swOf(session, '80F22003024F00')).toBe('6985');
    expect((await readRegistry(session, 'applications')).length).toBe(12);
    // partial selection walks through them
    const seen = new Set<string>();
    let answer = send(card, '00A4040007A000000333010100');
    while (answer.endsWith('9000')) {
      seen.add(answer);
      answer = send(card, '00A4040207A000000333010100');
    }
    expect(seen.size).toBe(12);
  });
});

describe('card content', () => {
  const INSTALL_PBOC = '80E60C002707A000000333010108A00000033301010108A00000033301010103000000' + '02C90000';

  it('is installed once, made selectable, locked, unlocked, deleted with its load file and loaded again', async () => {
    const card = issuerCard();
    const session = await openDomain(card);
    const installOnly = INSTALL_PBOC.replace('80E60C', '80E604');
    expect(await swOf(session, installOnly)).toBe('9000');
    expect((await readRegistry(session, 'applications')).map(shown)).toEqual([`${PBOC} 03`]);
    expect(await swOf(session, INSTALL_PBOC)).toBe('6985');
    expect(await swOf(session, '80E62000' + '0E' + '000008A000000333010101000000')).toBe('6985');
    expect(await swOf(session, '80E60800' + '11' + '000008A0000003330101010300000000' + '00')).toBe('9000');
    expect((await readRegistry(session, 'applications')).map(shown)).toEqual([`${PBOC} 07`]);
    const status = (state: number): string => toHex(Uint8Array.of(0x80, 0xf0, 0x40, state, 8)) + PBOC;
    expect(await swOf(session, status(0x83))).toBe('9000');
    expect(await swOf(session, status(0x80))).toBe('6A80');
    expect((await readRegistry(session, 'applications')).map(shown)).toEqual([`${PBOC} 87`]);
    expect(selectSw(card, AID_PBOC_DEBIT)).toBe('6A82');
    const again = await openDomain(card);
    expect(await swOf(again, status(0x00))).toBe('9000');
    expect(await swOf(again, '80E40000094F07A0000003330101')).toBe('6985');
    expect(await swOf(again, '80E40080094F07A0000003330101')).toBe('9000');
    expect(await swOf(again, '80E40080094F07A0000003330101')).toBe('6A88');
    expect(await readRegistry(again, 'applications')).toEqual([]);
    expect(await swOf(again, INSTALL_PBOC)).toBe('6A88');
    // header component of a CAP file of this package
    const cap = fromHex('010011DECAFFED010204000107A0000003330101');
    const begin = encodeInstall({
      ...{ purpose: 'load', loadFile: fromHex('A0000003330101'), securityDomain: fromHex(ISD) },
      ...{ hash: new Uint8Array(0), parameters: new Uint8Array(0) },
    });
    await again.sendExpectingSuccess(begin);
    for (const block of encodeLoad(cap, 10)) await again.sendExpectingSuccess(block);
    expect(await swOf(again, INSTALL_PBOC)).toBe('9000');
  });

  it('is refused when it is unknown, misshapen, or asks for what no application may have', async () => {
    const card = issuerCard();
    const session = await openDomain(card);
    expect(await swOf(session, INSTALL_PBOC.replace('07A0000003330101', '07A0000003330199'))).toBe('6A88');
    expect(await swOf(session, INSTALL_PBOC.replace('08A000000333010101', '08A000000333010199'))).toBe('6A88');
    expect(await swOf(session, INSTALL_PBOC.replace('03000000', '03800000'))).toBe('6985');
    expect(await swOf(session, INSTALL_PBOC.replace('02C900', '0081AA').slice(0, 10))).toBe('6A80');
    expect(await swOf(session, INSTALL_PBOC.replace('80E60C', '80E63C'))).toBe('6A86');
    expect(await swOf(session, '80E620000E000008A000000333010101000000')).toBe('6A88');
    expect(await swOf(session, `80E400000A4F08${ISD}`)).toBe('6985');
    expect(await swOf(session, '80E800000101')).toBe('6985');
    expect(await swOf(session, '80E602000508D0D1D2D3')).toBe('6A80');
    expect(await swOf(session, '80E602000C07D0D1D2D3D4D50100000000')).toBe('9000');
    expect(await swOf(session, '80E8000101C4')).toBe('6A86');
    expect(await swOf(session, '80E602000C07D0D1D2D3D4D50100000000')).toBe('9000');
    expect(await swOf(session, '80E8800003C40100')).toBe('6A80');
    expect(await swOf(session, '80990000')).toBe('6D00');
    expect(await readRegistry(session, 'applications')).toEqual([]);
  });

  it('an application with Card Reset is selected after reset', async () => {
    const card = issuerCard();
    await personaliseCard(card, recordedApplications().slice(2), hostOptions());
    const session = await openDomain(card);
    await session.sendExpectingSuccess(
      encodeInstall({ purpose: 'make selectable', instance: AID_PBOC_DEBIT, privileges: fromHex('040000') }),
    );
    const [domain] = await readRegistry(session, 'issuerDomain');
    expect(toHex(domain!.privileges!)).toBe('9AFE80');
    card.reset();
    expect(send(card, '80CA9F7900')).toMatch(/9000$/);
  });
});

describe('life cycle of the card', () => {
  const toState = (state: number) => encodeSetStatus({ target: 'card', state, aid: new Uint8Array(0) });

  it('goes OP_READY, INITIALIZED, SECURED, to and from CARD_LOCKED, and ends TERMINATED', async () => {
    const card = issuerCard();
    await personaliseCard(card, recordedApplications(), hostOptions());
    const session = await openDomain(card);
    expect((await session.send(toState(0x7f))).sw).toBe(0x6a80);
    for (const state of [0x07, 0x0f]) await session.sendExpectingSuccess(toState(state));
    expect((await session.send(toState(0x0f))).sw).toBe(0x6a80);
    expect((await session.send(toState(0x07))).sw).toBe(0x6a80);
    await session.sendExpectingSuccess(toState(0x7f));
    expect((await session.send(encodeInstall({ purpose: 'personalisation', instance: AID_PBOC_DEBIT }))).sw).toBe(
      0x6985,
    );
    expect(selectSw(card, AID_PBOC_DEBIT)).toBe('6A82');
    expect(send(card, '00A4040000').slice(-4)).toBe('6283');
    expect(send(card, '80CA9F7F00').slice(-4)).toBe('9000');
    const locked = await HostSecureChannel.open(card, hostOptions());
    await locked.sendExpectingSuccess(toState(0x0f));
    expect(selectSw(card, AID_PBOC_DEBIT)).toBe('9000');
    const last = await openDomain(card);
    await last.sendExpectingSuccess(toState(0xff));
    expect(send(card, '00A4040000')).toBe('6A81');
    expect(send(card, '8050000008010203040506070800')).toBe('6982');
    const again = VirtualCard.restore(card.snapshot(), { random: seededRandom('again') });
    expect(send(again, '80CA9F7F00').slice(-4)).toBe('9000');
    expect(send(again, '00A4040007A0000003330101')).toBe('6A81');
    expect(send(again, '8050000008010203040506070800')).toBe('6985');
  });
});

describe('keys of the domain', () => {
  const fresh = (byte: number) => ({ type: KEY_TYPE_AES, key: new Uint8Array(16).fill(byte) }) as const;

  it('are added, used, replaced and deleted; the last set stays', async () => {
    const card = issuerCard();
    const session = await openDomain(card);
    const keys = [fresh(1), fresh(2), fresh(3)];
    await session.sendExpectingSuccess(
      encodePutKey({ replaces: 0, version: 0x31, firstId: 1, keys }, session.messaging),
    );
    expect(
      (await session.send(encodePutKey({ replaces: 0, version: 0x31, firstId: 1, keys }, session.messaging))).sw,
    ).toBe(0x6a80);
    const short = encodePutKey({ replaces: 0, version: 0x32, firstId: 1, keys: keys.slice(1) }, session.messaging);
    expect((await session.send(short)).sw).toBe(0x6a80);
    expect(
      (await session.send(encodePutKey({ replaces: 0x55, version: 0x55, firstId: 1, keys }, session.messaging))).sw,
    ).toBe(0x6a88);
    expect(
      parseKeyInformation(fromHex(send(card, '00A4040000') && send(card, '80CA00E000').slice(0, -4))).map(
        ({ version }) => version,
      ),
    ).toEqual([...[0x30, 0x30, 0x30, 0x31, 0x31, 0x31]]);
    const [enc, mac, dek] = keys.map(({ key }) => key);
    const own = { keyVersion: 0x31, keys: () => ({ enc: enc!, mac: mac!, dek: dek! }) };
    const withNew = await openDomain(card, own);
    expect(await swOf(withNew, '80E4000003D20130')).toBe('9000');
    expect(await swOf(withNew, '80E4000003D20131')).toBe('6985');
    expect(await swOf(withNew, '80E4000003D20130')).toBe('6A88');
    const one = encodePutKey({ replaces: 0x31, version: 0x31, firstId: 2, keys: [fresh(9)] }, withNew.messaging);
    await withNew.sendExpectingSuccess(one);
    await expect(openDomain(card, own)).rejects.toMatchObject({ code: 'POLYCARD_GP_CARD_CRYPTOGRAM' });
    await openDomain(card, { ...own, keys: () => ({ enc: enc!, mac: fresh(9).key, dek: dek! }) });
  });

  it('of version FF are gone with the first set added under them', async () => {
    const initial = issuerCard(undefined, {
      issuerKeys: { version: 0xff, keys: { enc: fresh(7).key, mac: fresh(7).key, dek: fresh(7).key } },
    });
    const session = await openDomain(initial, {
      keys: () => ({ enc: fresh(7).key, mac: fresh(7).key, dek: fresh(7).key }),
    });
    expect(session.keyVersion).toBe(0xff);
    const keys = [fresh(1), fresh(1), fresh(1)];
    await session.sendExpectingSuccess(encodePutKey({ replaces: 0, version: 1, firstId: 1, keys }, session.messaging));
    send(initial, '00A4040000');
    expect(send(initial, '80CA00E000')).toBe('E012C00401018810C00402018810C004030188109000');
  });
});

describe('objects of the domain', () => {
  it('are stored, read, and refused when generated, misshapen or out of order', async () => {
    const card = issuerCard();
    const session = await openDomain(card);
    expect(await swOf(session, '80E2900007' + '4205' + '0102030405')).toBe('9000');
    expect(await swOf(session, '80E2100004' + '4502' + '0102')).toBe('9000');
    expect(await swOf(session, '80E290010B' + '9F6608' + '1122334455667788')).toBe('9000');
    expect(await swOf(session, '80E2900103' + '450109')).toBe('6A86');
    expect(await swOf(session, '80E2900003' + 'D30109')).toBe('6A88');
    expect(await swOf(session, '80E2880003' + '450109')).toBe('6A80');
    expect(await swOf(session, '80E2900000')).toBe('6A80');
    expect(await swOf(session, '80E290000A' + '4F08A000000151FFFFFF')).toBe('9000');
    send(card, '00A4040000');
    expect(send(card, '80CA004200')).toBe('420501020304059000');
    expect(send(card, '00CA004500')).toBe('01029000');
    expect(send(card, '80CA9F7F00')).toContain('1122334455667788');
    expect(selectSw(card, fromHex('A000000151FFFFFF'))).toBe('9000');
    expect(selectSw(card, fromHex('A000000151000000'))).toBe('6A82');
  });
});

describe('a secure channel of an application', () => {
  it('is needed for its data when the card has no personalisation key', async () => {
    const card = issuerCard();
    await personaliseCard(card, [{ ...recordedApplications()[0]!, groupings: [] }], hostOptions()).catch(
      () => undefined,
    );
    expect(selectSw(card, AID_PPSE)).toBe('9000');
    expect(send(card, '80E2800005910202A500')).toBe('6982');
  });

  it('ends with SELECT, and a half stored application is blank again', async () => {
    const card = issuerCard();
    const [ppse, , pboc] = recordedApplications();
    const cut = { ...pboc!, groupings: pboc!.groupings.slice(0, 5) };
    await expect(personaliseCard(card, [ppse!, cut], hostOptions())).rejects.toMatchObject({
      code: 'POLYCARD_GP_STORE_DATA',
    });
    await personaliseCard(card, [pboc!], hostOptions());
    await expect(personaliseCard(card, [pboc!], hostOptions())).rejects.toMatchObject({
      code: 'POLYCARD_GP_CARD_ANSWER',
    });
  });

  it('says which block a card refused, and which modules it lists when there is none to install', async () => {
    const card = issuerCard();
    const [, , pboc] = recordedApplications();
    const wrong = pboc!.groupings.map((grouping) =>
      grouping.dgi === '9000' ? { ...grouping, data: new Uint8Array(9) } : grouping,
    );
    await expect(personaliseCard(card, [{ ...pboc!, groupings: wrong }], hostOptions())).rejects.toMatchObject({
      code: 'POLYCARD_GP_STORE_DATA',
    });
    await expect(
      personaliseCard(card, [{ ...pboc!, aid: fromHex('D156000001') }], hostOptions()),
    ).rejects.toMatchObject({
      code: 'POLYCARD_GP_NO_MODULE',
    });
  });
});

describe('a card with an issuer, as plain data', () => {
  it('comes back with its registry, keys and counters', async () => {
    const card = issuerCard();
    await personaliseCard(card, recordedApplications(), hostOptions());
    const text = JSON.stringify(card.snapshot());
    const again = VirtualCard.restore(JSON.parse(text), { random: seededRandom('again') });
    expect(JSON.stringify(again.snapshot())).toBe(text);
    const session = await openDomain(again);
    expect((await readRegistry(session, 'applications')).map(shown)[2]).toBe(`${PBOC} 0F`);
    expect(Object.hasOwn(personalisedCard().snapshot(), 'registry')).toBe(false);
  });
});
