/**
 * One tap brought to the host, whatever is in the way: a message changed on its way goes again, lost or refused keys are
 * taken anew once, an answer that cannot be trusted is not believed. What does not arrive stays in the journal.
 */
import { PolycardError } from '@polycard/bytes';
import type { HostLink } from '../host-link.ts';
import type { Journal, JournalEntry } from '../journal.ts';
import type { Conditions } from './conditions.ts';

/** What may happen to an upload on its way; only faults that are played say anything here. */
export interface UploadFaults {
  /** The frame that travels instead of `frame`. */
  disturb(frame: Uint8Array, entry: JournalEntry, link: HostLink): Uint8Array;
  /** The same card transaction as another upload, when this tap is to be sent twice. */
  copyOf(entry: JournalEntry, journal: Journal): JournalEntry | undefined;
}

export const NO_FAULTS: UploadFaults = { disturb: (frame) => frame, copyOf: () => undefined };

export interface UploadHost {
  readonly link: HostLink;
  readonly conditions: Conditions;
  readonly send: (frame: Uint8Array) => Promise<Uint8Array>;
  readonly signIn: (why: string) => Promise<void>;
  readonly localTime: () => string;
}

/** Response codes that a new sign-in can mend (F39). */
const UNKNOWN_OR_NOT_SIGNED_IN = '97';
const WRONG_MAC = 'A0';
const UNTRUSTED = new Set(['POLYCARD_TERMINAL_ANSWER_MAC', 'POLYCARD_TERMINAL_ANSWER']);

type Answered =
  | { readonly result: 'stored' }
  | { readonly result: 'refused'; readonly code: string }
  | { readonly result: 'untrusted'; readonly error: PolycardError };

/** Stored by the host, durably; gives the frame that travelled first. Throws `POLYCARD_TERMINAL_UPLOAD_REFUSED`. */
export async function storeEntry(host: UploadHost, entry: JournalEntry, faults: UploadFaults): Promise<Uint8Array> {
  if (!host.link.isSignedIn) await host.signIn('no working keys');
  const first = faults.disturb(host.link.upload(entry), entry, host.link);
  let answer = await ask(host, first, entry);
  // changed on its way, say: the same tap goes again as it is
  if (answer.result === 'refused' && answer.code !== UNKNOWN_OR_NOT_SIGNED_IN)
    answer = await ask(host, host.link.upload(entry), entry);
  if (mayBeMended(answer)) {
    await host.signIn(whyNewKeys(answer));
    answer = await ask(host, host.link.upload(entry), entry);
  }
  if (answer.result === 'stored') {
    host.conditions.end('mac-refused', 'answer-not-trusted');
    return first;
  }
  const detail = `upload of trace ${entry.traceNo}: ${answer.result === 'refused' ? `answer ${answer.code}` : answer.error.message}`;
  if (answer.result === 'untrusted') host.conditions.begin('answer-not-trusted', detail, host.localTime());
  else if (answer.code === WRONG_MAC) host.conditions.begin('mac-refused', detail, host.localTime());
  else if (answer.code === UNKNOWN_OR_NOT_SIGNED_IN) host.conditions.begin('not-signed-in', detail, host.localTime());
  throw new PolycardError('POLYCARD_TERMINAL_UPLOAD_REFUSED', `${detail}; the tap stays in the journal`, {
    where: answer.result === 'refused' ? 'F39' : 'F64',
    ...(answer.result === 'untrusted' ? { cause: answer.error } : {}),
  });
}

function mayBeMended(answer: Answered): boolean {
  return (
    answer.result === 'untrusted' ||
    (answer.result === 'refused' && [UNKNOWN_OR_NOT_SIGNED_IN, WRONG_MAC].includes(answer.code))
  );
}

function whyNewKeys(answer: Answered): string {
  return answer.result === 'refused' ? `the host answers ${answer.code}` : "the host's answer cannot be trusted";
}

async function ask({ link, send }: UploadHost, frame: Uint8Array, entry: JournalEntry): Promise<Answered> {
  try {
    const { code, isStored } = link.uploadAnswer(await send(frame), entry);
    return isStored ? { result: 'stored' } : { result: 'refused', code };
  } catch (error) {
    if (error instanceof PolycardError && UNTRUSTED.has(error.code)) return { result: 'untrusted', error };
    throw error;
  }
}
