/** The functions of libpcsclite we use, called as they are (pcsc-lite's winscard.h, 64-bit Linux: DWORD and LONG are long). */

import { PolycardError } from '@polycard/bytes';
import koffi, { type LibraryHandle } from 'koffi';

const LIBRARY = 'libpcsclite.so.1';

type Out<T> = [T | null];
type Handle = number | bigint;
type TypeSpec = Parameters<LibraryHandle['func']>[3][number];

export interface PcscLibrary {
  establishContext(scope: number, reserved1: null, reserved2: null, context: Out<Handle>): number;
  releaseContext(context: Handle): number;
  listReaders(context: Handle, groups: null, readers: Uint8Array | null, lengthBytes: [number]): number;
  getStatusChange(context: Handle, timeoutMs: number, states: ReaderState[], count: number): number;
  connect(
    context: Handle,
    reader: string,
    shareMode: number,
    protocols: number,
    card: Out<Handle>,
    protocol: Out<number>,
  ): number;
  reconnect(card: Handle, shareMode: number, protocols: number, action: number, protocol: Out<number>): number;
  disconnect(card: Handle, action: number): number;
  status(
    card: Handle,
    reader: Uint8Array,
    readerBytes: [number],
    state: Out<number>,
    protocol: Out<number>,
    atr: Uint8Array,
    atrBytes: [number],
  ): number;
  transmit(
    card: Handle,
    sendHeader: IoRequest,
    command: Uint8Array,
    commandBytes: number,
    receiveHeader: null,
    response: Uint8Array,
    responseBytes: [number],
  ): number;
}

export interface IoRequest {
  readonly dwProtocol: number;
  readonly cbPciLength: number;
}

export interface ReaderState {
  readonly szReader: string;
  readonly pvUserData: null;
  readonly dwCurrentState: number;
  readonly dwEventState: number;
  readonly cbAtr: number;
  readonly rgbAtr: number[];
}

export const IO_REQUEST_BYTES = 16;

let loaded: PcscLibrary | undefined;

/** Throws `POLYCARD_READER_LIBRARY` on a machine without PC/SC. */
export function pcscLibrary(): PcscLibrary {
  loaded ??= load();
  return loaded;
}

function load(): PcscLibrary {
  let library: ReturnType<typeof koffi.load>;
  try {
    library = koffi.load(LIBRARY);
  } catch (cause) {
    throw new PolycardError('POLYCARD_READER_LIBRARY', `${LIBRARY} is not on this machine`, {
      expected: 'pcsc-lite (Debian: libpcsclite1 and pcscd)',
      cause,
    });
  }
  const ioRequest = koffi.struct({ dwProtocol: 'unsigned long', cbPciLength: 'unsigned long' });
  const readerState = koffi.struct({
    szReader: 'const char *',
    pvUserData: 'void *',
    dwCurrentState: 'unsigned long',
    dwEventState: 'unsigned long',
    cbAtr: 'unsigned long',
    rgbAtr: koffi.array('uint8_t', 33),
  });
  const out = (type: string): TypeSpec => koffi.out(koffi.pointer(type));
  const inOut = (type: string): TypeSpec => koffi.inout(koffi.pointer(type));
  const bytes = koffi.pointer('uint8_t');
  const call = (name: string, parameters: TypeSpec[]) => library.func(name, 'long', parameters);
  return {
    establishContext: call('SCardEstablishContext', ['unsigned long', 'void *', 'void *', out('long')]),
    releaseContext: call('SCardReleaseContext', ['long']),
    listReaders: call('SCardListReaders', ['long', 'void *', bytes, inOut('unsigned long')]),
    getStatusChange: call('SCardGetStatusChange', [
      'long',
      'unsigned long',
      koffi.inout(koffi.pointer(readerState)),
      'unsigned long',
    ]),
    connect: call('SCardConnect', [
      'long',
      'const char *',
      'unsigned long',
      'unsigned long',
      out('long'),
      out('unsigned long'),
    ]),
    reconnect: call('SCardReconnect', [
      'long',
      'unsigned long',
      'unsigned long',
      'unsigned long',
      out('unsigned long'),
    ]),
    disconnect: call('SCardDisconnect', ['long', 'unsigned long']),
    status: call('SCardStatus', [
      'long',
      bytes,
      inOut('unsigned long'),
      out('unsigned long'),
      out('unsigned long'),
      bytes,
      inOut('unsigned long'),
    ]),
    transmit: call('SCardTransmit', [
      'long',
      koffi.pointer(ioRequest),
      bytes,
      'unsigned long',
      'void *',
      bytes,
      inOut('unsigned long'),
    ]),
  } as unknown as PcscLibrary;
}
