import { describe, expect, it } from 'vitest';
import { PcscClient, parseReaderName } from '../src/index.ts';

describe('reader names', () => {
  it.each([
    ['pcsc:Virtual PCD 00 00', { kind: 'pcsc', name: 'Virtual PCD 00 00' }],
    ['vpcd:35963', { kind: 'vpcd', port: 35963 }],
    ['virtual', { kind: 'virtual' }],
  ])('%s', (text, expected) => {
    expect(parseReaderName(text)).toEqual(expected);
  });

  it.each(['', 'pcsc:', 'vpcd:', 'vpcd:70000', 'vpcd:x', 'usb:1'])(
    '"%s" is refused with the forms there are',
    (text) => {
      expect(() => parseReaderName(text)).toThrow(
        expect.objectContaining({ code: 'POLYCARD_READER_NAME', expected: expect.stringContaining('vpcd:PORT') }),
      );
    },
  );
});

describe('a machine without a running PC/SC service', () => {
  it('is told so by name', () => {
    const socket = process.env['PCSCLITE_CSOCK_NAME'];
    process.env['PCSCLITE_CSOCK_NAME'] = '/nowhere/pcscd.comm';
    try {
      expect(() => new PcscClient()).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^POLYCARD_READER_(NO_SERVICE|LIBRARY)$/) }),
      );
    } finally {
      if (socket === undefined) delete process.env['PCSCLITE_CSOCK_NAME'];
      else process.env['PCSCLITE_CSOCK_NAME'] = socket;
    }
  });
});
