/** `pcsc:NAME` and `vpcd:PORT` as people write them, opened: a card whose answers are whole. */
import { PolycardError } from '@polycard/bytes';
import type { ConnectedCard } from './connected-card.ts';
import { PcscClient } from './pcsc/client.ts';
import { openVpcdReader } from './vpcd/reader-end.ts';
import { wholeResponses } from './whole-responses.ts';

export type ReaderName =
  | { readonly kind: 'pcsc'; readonly name: string }
  | { readonly kind: 'vpcd'; readonly port: number }
  | { readonly kind: 'virtual' };

const PORT_MAX = 65_535;

/** Throws `POLYCARD_READER_NAME` with the forms there are. */
export function parseReaderName(text: string): ReaderName {
  if (text === 'virtual') return { kind: 'virtual' };
  const pcsc = /^pcsc:(.+)$/s.exec(text)?.[1];
  if (pcsc !== undefined) return { kind: 'pcsc', name: pcsc };
  const port = /^vpcd:(\d{1,5})$/.exec(text)?.[1];
  if (port !== undefined && Number(port) <= PORT_MAX) return { kind: 'vpcd', port: Number(port) };
  throw new PolycardError('POLYCARD_READER_NAME', `"${text}" names no reader`, {
    where: '--reader',
    expected: 'pcsc:NAME (a part of the name is enough), vpcd:PORT or virtual',
  });
}

export interface OpenCardOptions {
  readonly waitMs: number;
  /** Told before the wait begins, e.g. that the reader listens on this port. */
  readonly onWaiting?: (reader: string) => void;
}

/** Waits for a card in a reader of this machine and opens it; `close` frees the reader too. */
export function openCard(reader: Exclude<ReaderName, { kind: 'virtual' }>, options: OpenCardOptions): ConnectedCard {
  return reader.kind === 'pcsc' ? openPcscCard(reader.name, options) : openVpcdCard(reader.port, options);
}

function openPcscCard(wanted: string, { waitMs, onWaiting }: OpenCardOptions): ConnectedCard {
  const client = new PcscClient();
  try {
    const reader = client.findReader(wanted);
    onWaiting?.(reader);
    client.waitForCard(reader, waitMs);
    return whole(client.connect(reader), () => client.close());
  } catch (error) {
    client.close();
    throw error;
  }
}

function openVpcdCard(port: number, { waitMs, onWaiting }: OpenCardOptions): ConnectedCard {
  const reader = openVpcdReader(port);
  try {
    onWaiting?.(`vpcd 127.0.0.1:${reader.port}`);
    return whole(reader.waitForCard(waitMs), () => reader.close());
  } catch (error) {
    reader.close();
    throw error;
  }
}

function whole(card: ConnectedCard, closeReader: () => void): ConnectedCard {
  const { transmit } = wholeResponses(card, card.protocol);
  return {
    reader: card.reader,
    atr: card.atr,
    protocol: card.protocol,
    transmit,
    reset: () => card.reset(),
    close: () => {
      card.close();
      closeReader();
    },
  };
}
