/**
 * Offline data authentication on contact: the strongest method both sides have, of CDA, DDA and SDA.
 * EMV 4.4 Book 3 §10.3, Book 2 §5, §6; PBOC 3.0 Part 7 as publicly described. A card that does not hold goes on with a
 * bit in the TVR, which the action codes turn into a decline or an online request.
 */
import { buildDol, parseDol, parseTlv, SW_9000_SUCCESS, tlvMap, toHex } from '@polycard/bytes';
import { checkDdaSignature, checkStaticSignature, dolAlignment, type PublicKey } from '@polycard/emv';
import { recoverCardKey, recoverIssuerKey, signedStaticData } from '../kernel/offline-data-authentication.ts';
import { fromCard } from '../kernel/outcome.ts';
import type { ApplicationData } from '../kernel/read-application-data.ts';
import type { CardLine } from './card-line.ts';
import { type TerminalResults, TSI, TVR } from './terminal-results.ts';

const AIP = { sda: 0x40, dda: 0x20, cda: 0x01 } as const;
/** Terminal capabilities (9F33) byte 3. */
const CAPABLE = { sda: 0x80, dda: 0x40, cda: 0x08 } as const;
const RID_DIGITS = 10;
/** Asked for by a card without DDOL. */
const DEFAULT_DDOL = Uint8Array.of(0x9f, 0x37, 0x04);

export type AuthenticationMethod = 'CDA' | 'DDA' | 'SDA' | 'none';

export interface DataAuthentication {
  readonly method: AuthenticationMethod;
  /** Undefined while CDA has not come yet, and when nothing was done. */
  readonly ok: boolean | undefined;
  readonly reason?: string;
  readonly cardKey?: PublicKey;
}

export interface AuthenticationInput {
  readonly caKeys: ReadonlyMap<string, PublicKey>;
  readonly aid: Uint8Array;
  readonly aip: Uint8Array;
  readonly data: ApplicationData;
  readonly pan: string;
  /** YYMMDD. */
  readonly date: string;
  readonly capabilities: Uint8Array;
  readonly terminal: (tag: string) => Uint8Array | undefined;
}

export function methodOf(aip: Uint8Array, capabilities: Uint8Array): AuthenticationMethod {
  const both = (bit: 'sda' | 'dda' | 'cda'): boolean =>
    ((aip[0] ?? 0) & AIP[bit]) !== 0 && ((capabilities[2] ?? 0) & CAPABLE[bit]) !== 0;
  if (both('cda')) return 'CDA';
  if (both('dda')) return 'DDA';
  return both('sda') ? 'SDA' : 'none';
}

async function dynamicSignature(line: CardLine, input: AuthenticationInput, cardKey: PublicKey): Promise<string> {
  const ddol = fromCard(() => parseDol(input.data.objects.get('9F49') ?? DEFAULT_DDOL, 'DDOL'));
  if (!ddol.some(({ tag }) => tag === '9F37')) return 'the DDOL does not ask for the unpredictable number';
  const values = buildDol(ddol, input.terminal, dolAlignment);
  const { sw, data } = await line.send({ cla: 0x00, ins: 0x88, p1: 0, p2: 0, data: values });
  if (sw !== SW_9000_SUCCESS) return 'INTERNAL AUTHENTICATE was refused';
  const signature = fromCard(() => (data[0] === 0x80 ? parseTlv(data)[0]?.value : tlvMap(parseTlv(data)).get('9F4B')));
  if (signature === undefined) return 'the card gave no signature';
  const verified = checkDdaSignature(cardKey, signature, values);
  return verified.ok ? '' : `dynamic signature: ${verified.reason}`;
}

function staticSignature(input: AuthenticationInput): string {
  const object = (tag: string): Uint8Array | undefined => input.data.objects.get(tag);
  const rid = toHex(input.aid).slice(0, RID_DIGITS);
  const issuerKey = recoverIssuerKey(input.caKeys, rid, object, { pan: input.pan, date: input.date });
  if (typeof issuerKey === 'string') return issuerKey;
  const signature = object('93');
  if (signature === undefined) return 'the signed static data (93) are missing';
  const verified = checkStaticSignature(issuerKey, signature, signedStaticData(input));
  return verified.ok ? '' : `signed static data: ${verified.reason}`;
}

/** Sets the bits of TVR and TSI; CDA itself is checked with each GENERATE AC. */
export async function authenticateData(
  line: CardLine,
  input: AuthenticationInput,
  results: TerminalResults,
): Promise<DataAuthentication> {
  const method = methodOf(input.aip, input.capabilities);
  if (method === 'none') {
    results.found(TVR.offlineAuthenticationNotPerformed);
    return { method, ok: undefined };
  }
  results.performed(TSI.offlineAuthentication);
  if (method === 'SDA') {
    const reason = fromCard(() => staticSignature(input));
    if (reason !== '') results.found(TVR.sdaFailed);
    return reason === '' ? { method, ok: true } : { method, ok: false, reason };
  }
  const failure = method === 'CDA' ? TVR.cdaFailed : TVR.ddaFailed;
  const rid = toHex(input.aid).slice(0, RID_DIGITS);
  const cardKey = fromCard(() =>
    recoverCardKey(input.caKeys, rid, (tag) => input.data.objects.get(tag), {
      checks: { pan: input.pan, date: input.date },
      data: input.data,
      aip: input.aip,
    }),
  );
  if (typeof cardKey === 'string') {
    results.found(failure);
    return { method, ok: false, reason: cardKey };
  }
  if (method === 'CDA') return { method, ok: undefined, cardKey };
  const reason = await dynamicSignature(line, input, cardKey);
  if (reason !== '') results.found(failure);
  return { method, ok: reason === '', cardKey, ...(reason === '' ? {} : { reason }) };
}
