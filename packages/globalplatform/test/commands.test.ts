import { type CommandApdu, encodeCommand, fromHex, parseCommand, toHex } from '@polycard/bytes';
import { aesCmac, encryptBlocks, randomInteger, seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_PROTOCOL,
  describeGpStatusWord,
  diversifyKeys,
  encodeCardRecognitionData,
  encodeDelete,
  encodeGetData,
  encodeGetStatus,
  encodeInstall,
  encodeKeyInformation,
  encodeLoad,
  encodeSecurityDomainFci,
  encodeSelect,
  encodeSetStatus,
  encodeStatusEntry,
  encodeStoreGroupings,
  establishChannel,
  gpCommandName,
  type Install,
  keyCheckValue,
  parseCardRecognitionData,
  parseCplc,
  parseDelete,
  parseGetStatus,
  parseInstall,
  parseKeyInformation,
  parseLoad,
  parsePutKey,
  parseSecurityDomainFci,
  parseSetStatus,
  parseStatusEntries,
  parseStoreData,
  Refusal,
} from '../src/index.ts';

const hex = (command: CommandApdu): string => toHex(encodeCommand(command));
const ISD = fromHex('A000000151000000');
const KEY = fromHex('404142434445464748494A4B4C4D4E4F');
const NONE = new Uint8Array(0);

// APDUs of GlobalPlatformPro and gpshell3 as recorded in globalplatform.md §2 and §8
describe('commands are those of the tools in use', () => {
  it('SELECT, GET DATA, GET STATUS, SET STATUS, DELETE', () => {
    expect(hex(encodeSelect(NONE))).toBe('00A4040000');
    expect(hex(encodeSelect(ISD))).toBe('00A4040008A00000015100000000');
    expect(hex(encodeGetData('9F7F'))).toBe('80CA9F7F00');
    expect(hex(encodeGetStatus('issuerDomain'))).toBe('80F28002024F0000');
    expect(hex(encodeSetStatus({ target: 'application', state: 0x80, aid: fromHex('D0D1D2D3D4D50101') }))).toBe(
      '80F0408008D0D1D2D3D4D50101',
    );
    expect(hex(encodeDelete({ kind: 'content', aid: fromHex('D0D1D2D3D4D501'), andRelated: false }))).toBe(
      '80E40000094F07D0D1D2D3D4D50100',
    );
    expect(hex(encodeDelete({ kind: 'keys', id: undefined, version: 0x30 }))).toBe('80E4000003D2013000');
  });

  it('INSTALL for every purpose, and back', () => {
    const installs: readonly [Install, string][] = [
      [
        {
          ...{ purpose: 'install', makeSelectable: true, applicationParameters: NONE },
          ...{ loadFile: fromHex('D0D1D2D3D4D501'), module: fromHex('D0D1D2D3D4D50101') },
          ...{ instance: fromHex('D0D1D2D3D4D50101'), privileges: fromHex('000000') },
        },
        '80E60C002207D0D1D2D3D4D50108D0D1D2D3D4D5010108D0D1D2D3D4D501010300000002C9000000',
      ],
      [
        { purpose: 'personalisation', instance: fromHex('A000000333010101') },
        '80E620000E000008A00000033301010100000000',
      ],
      [
        {
          ...{ purpose: 'load', loadFile: fromHex('D0D1D2D3D4D501'), securityDomain: ISD },
          ...{ hash: NONE, parameters: NONE },
        },
        '80E602001407D0D1D2D3D4D50108A00000015100000000000000',
      ],
      [
        { purpose: 'make selectable', instance: fromHex('D0D1D2D3D4D50101'), privileges: fromHex('040000') },
        '80E6080011000008D0D1D2D3D4D5010103040000000000',
      ],
      [
        { purpose: 'extradition', securityDomain: ISD, instance: fromHex('D0D1D2D3D4D50101') },
        '80E610001608A0000001510000000008D0D1D2D3D4D5010100000000',
      ],
    ];
    for (const [install, expected] of installs) {
      expect(hex(encodeInstall(install)).slice(0, -2)).toBe(expected.slice(0, -2));
      expect(parseInstall(encodeInstall(install))).toEqual(install);
    }
  });

  it('INSTALL with privileges of one, two and three bytes, without a token field, but never without C9', () => {
    const body = '07D0D1D2D3D4D50108D0D1D2D3D4D5010108D0D1D2D3D4D50101';
    const parse = (rest: string): Install => {
      const data = fromHex(body + rest);
      return parseInstall({ cla: 0x80, ins: 0xe6, p1: 0x0c, p2: 0, data });
    };
    expect(parse('010402C90000')).toMatchObject({ privileges: fromHex('040000') });
    expect(parse('02048002C900')).toMatchObject({ privileges: fromHex('048000') });
    expect(parse('0304800102C90000')).toMatchObject({ privileges: fromHex('048001') });
    expect(() => parse('01000000')).toThrow(expect.objectContaining({ sw: 0x6a80, where: 'C9' }));
  });

  it('LOAD in blocks numbered from 0', () => {
    const blocks = encodeLoad(new Uint8Array(300), 247);
    expect(blocks.map(({ p1, p2 }) => [p1, p2])).toEqual([
      [0x00, 0],
      [0x80, 1],
    ]);
    expect(parseLoad(blocks[1]!)).toMatchObject({ last: true, block: 1 });
    expect(() => encodeLoad(new Uint8Array(70_000), 247)).toThrow(
      expect.objectContaining({ code: 'POLYCARD_GP_LOAD' }),
    );
  });
});

describe('data objects', () => {
  it('registry entries, key information, card data and FCI are read as they were written', () => {
    const entry = {
      ...{ aid: ISD, lifeCycle: 1, privileges: fromHex('9EFE80') },
      ...{ loadFile: fromHex('A0000001515350'), securityDomain: ISD },
    };
    // answer of session A
    expect(toHex(encodeStatusEntry(entry))).toBe(
      'E3264F08A0000001510000009F700101C5039EFE80C407A0000001515350CC08A000000151000000',
    );
    expect(parseStatusEntries(encodeStatusEntry(entry))).toEqual([entry]);
    expect(toHex(encodeStatusEntry(entry, ['4F', '9F70']))).toBe('E30E4F08A0000001510000009F700101');
    const keys = [1, 2, 3].map((id) => ({ id, version: 0x20, type: 0x80, lengthBytes: 16 }));
    expect(parseKeyInformation(encodeKeyInformation(keys))).toEqual(keys);
    const protocols = [DEFAULT_PROTOCOL[2]];
    // the FCI that satisfied both tools, globalplatform.md §1.5
    const fci =
      '6F418408A000000151000000A535732F06072A864886FC6B01600C060A2A864886FC6B02020301630906072A864886FC6B03640B06092A864886FC6B0402559F6501FF';
    expect(toHex(encodeSecurityDomainFci(ISD, encodeCardRecognitionData(protocols), 255))).toBe(fci);
    expect(parseCardRecognitionData(fromHex(fci))).toEqual(protocols);
    expect(parseSecurityDomainFci(fromHex(fci))).toEqual({ aid: ISD, commandDataBytesMax: 255 });
  });

  it('check values are those of 40…4F', () => {
    expect(toHex(keyCheckValue(0x80, KEY))).toBe('8BAF47');
    expect(toHex(keyCheckValue(0x88, KEY))).toBe('504A77');
  });

  it('CPLC has its 42 bytes', () => {
    const fields = parseCplc(fromHex(`9F7F2A${'4790'}${'00'.repeat(40)}`));
    expect(fields.icFabricator).toBe('4790');
    expect(() => parseCplc(new Uint8Array(41))).toThrow(expect.objectContaining({ code: 'POLYCARD_GP_CPLC' }));
  });
});

describe('STORE DATA', () => {
  const { messaging } = establishChannel(
    DEFAULT_PROTOCOL[3],
    { enc: KEY, mac: KEY, dek: KEY },
    { host: new Uint8Array(8), card: new Uint8Array(8), sequence: NONE },
  );

  it('numbers its blocks, marks the last and the enciphered ones', () => {
    const commands = encodeStoreGroupings(
      [
        { dgi: '0101', data: new Uint8Array(300) },
        { dgi: '8000', data: KEY, secret: 'whole-blocks' },
        { dgi: '8010', data: new Uint8Array(8), secret: 'whole-blocks' },
        { dgi: '8205', data: KEY, secret: 'padded' },
      ],
      239,
      messaging,
    );
    expect(commands.map(({ p1, p2, data }) => [p1, p2, data.length])).toEqual([
      [0x00, 0, 239],
      [0x00, 1, 66],
      [0x60, 2, 19],
      [0x60, 3, 19],
      [0xe0, 4, 35],
    ]);
    expect(parseStoreData(commands[4]!)).toMatchObject({ last: true, block: 4, structure: 'none' });
    expect(toHex(messaging.decipherSecret(commands[3]!.data.subarray(3)))).toBe(`${'00'.repeat(8)}80${'00'.repeat(7)}`);
  });

  it('sends no secret without a channel', () => {
    expect(() => encodeStoreGroupings([{ dgi: '8000', data: KEY, secret: 'whole-blocks' }], 255)).toThrow(
      expect.objectContaining({ code: 'POLYCARD_GP_STORE_DATA', where: '8000' }),
    );
    expect(() => encodeStoreGroupings([{ dgi: '80', data: KEY }], 255)).toThrow(
      expect.objectContaining({ code: 'POLYCARD_GP_STORE_DATA' }),
    );
  });
});

describe('words', () => {
  it('name a command and what its status word means there', () => {
    expect(gpCommandName(parseCommand(fromHex('80E620000E000008A000000333010101000000')))).toBe(
      'INSTALL [for personalization]',
    );
    expect(gpCommandName(encodeGetData('0066'))).toBe('GET DATA 0066');
    expect(gpCommandName({ cla: 0, ins: 0x99, p1: 0, p2: 0, data: NONE })).toBeUndefined();
    expect(describeGpStatusWord(0xd8, 0x6982).en).toContain('check value');
    expect(describeGpStatusWord(0xf2, 0x6982).en).toContain('secure channel');
  });
});

const PARSERS: readonly [string, (command: CommandApdu) => unknown, string][] = [
  ['INSTALL', parseInstall, '80E60C002207D0D1D2D3D4D50108D0D1D2D3D4D5010108D0D1D2D3D4D501010300000002C9000000'],
  ['INSTALL [for load]', parseInstall, '80E602001407D0D1D2D3D4D50108A00000015100000000000000'],
  ['DELETE', parseDelete, '80E40000094F07D0D1D2D3D4D50100'],
  ['GET STATUS', parseGetStatus, '80F24002064F00' + '5C029F7000'],
  ['SET STATUS', parseSetStatus, '80F0408008D0D1D2D3D4D50101'],
];

describe.each(PARSERS)('the parser of %s', (_name, parse, sample) => {
  const command = parseCommand(fromHex(sample));

  it('refuses every truncation it cannot read, and never anything else', () => {
    parse(command);
    let refused = 0;
    for (let length = 0; length < command.data.length; length++) {
      try {
        parse({ ...command, data: command.data.subarray(0, length) });
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(4);
  });

  it('refuses random data and headers by a status word', () => {
    const random = seededRandom(sample);
    for (let round = 0; round < 2_000; round++) {
      const [p1, p2] = random(2);
      const known = round % 2 === 0 ? {} : { p1: p1!, p2: p2! };
      try {
        parse({ ...command, ...known, data: random(randomInteger(random, 60)) });
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
      }
    }
  });
});

describe('the parser of PUT KEY', () => {
  it('refuses random keys', () => {
    const random = seededRandom('put key');
    const { messaging } = establishChannel(
      DEFAULT_PROTOCOL[2],
      { enc: KEY, mac: KEY, dek: KEY },
      { host: new Uint8Array(8), card: new Uint8Array(6), sequence: new Uint8Array(2) },
    );
    for (let round = 0; round < 1_000; round++) {
      const data = Uint8Array.from(random(randomInteger(random, 70)));
      if (round % 2 === 0 && data.length > 3) data.set([0x20, 0x80, 0x10]);
      expect(() => parsePutKey({ cla: 0x80, ins: 0xd8, p1: 0, p2: 0x81, data }, messaging)).toThrow(Refusal);
    }
  });
});

describe('diversified keys', () => {
  const master = { enc: KEY, mac: KEY, dek: KEY };
  const data = fromHex('00010203040506070809');

  it('follow the templates of the tools in use', () => {
    const emv = encryptBlocks('des-ede-ecb', KEY, fromHex('040506070809F0010405060708090F01'));
    expect(diversifyKeys('emv', master, data).enc).toEqual(Uint8Array.from(emv));
    const visa2 = encryptBlocks('des-ede-ecb', KEY, fromHex('000104050607F0020001040506070F02'));
    expect(diversifyKeys('visa2', master, data).mac).toEqual(Uint8Array.from(visa2));
    const kdf3 = aesCmac(KEY, fromHex('000000000000000000000003 00008001 00010203040506070809'));
    expect(diversifyKeys('kdf3', master, data).dek).toEqual(kdf3);
    expect(diversifyKeys('none', master, data)).toEqual(master);
    expect(() => diversifyKeys('emv', master, data.subarray(1))).toThrow(
      expect.objectContaining({ code: 'POLYCARD_GP_KEYS' }),
    );
  });
});
