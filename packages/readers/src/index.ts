/** Card transports: in process, vpcd (both ends), PC/SC. */
export * from './connected-card.ts';
export * from './in-process.ts';
export * from './open-card.ts';
export { PcscClient } from './pcsc/client.ts';
export * from './t0-card.ts';
export { type CardEnd, type CardEndEvent, type ReaderAddress, serveOverVpcd } from './vpcd/card-end.ts';
export { VPCD_PORT } from './vpcd/messages.ts';
export { openVpcdReader, type VpcdReader } from './vpcd/reader-end.ts';
export * from './whole-responses.ts';
