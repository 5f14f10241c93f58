/**
 * The deny list in a terminal's day: after each sign-in it asks for what is newer than the version it holds (set `DNL`),
 * verifies it, says so to the host, and tells of listed cards; before each tap it knows how old its list is.
 *
 * "Nothing newer" keeps a list fresh, so it is believed only under the session's MAC, like the answer to an upload.
 */
import { PolycardError } from '@polycard/bytes';
import { type Denial, type Freshness, type FreshnessStep, freshnessOf, type ListVerifier } from '@polycard/deny-list';
import { encodeParameterRequest, NETWORK_CODES, parseParameterAnswer } from '@polycard/iso8583';
import type { Condition } from '../docking/conditions.ts';
import type { DockingModule, DockingSession } from '../docking/module.ts';
import { type TerminalStorage, VolatileStorage } from '../docking/storage.ts';
import { ACCEPTED } from '../host-link.ts';
import type { TapRequest } from '../journeys/journey.ts';
import type { Terminal } from '../terminal.ts';
import { HeldDenyList } from './held-list.ts';
import { encodeDenyListHit } from './hit-message.ts';
import { DenyListHits } from './hits.ts';
import type { DenyListHit, TapDenyList } from './tap-list.ts';

/** Name of the set in messages 364 and 365. */
export const DENY_LIST_SET = 'DNL';
const TRIES_MAX = 3;
/** A snapshot of ten million cards; a host that sends more is refused. */
const CHAIN_BYTES_MAX = 64 * 1024 * 1024;

export interface DenyListModuleOptions {
  /** The list issuer's public key, from the enrolment. */
  readonly verifier: ListVerifier;
  /** Wall clock. */
  readonly nowMs: () => number;
}

/** The version as it stands in messages: 8 digits. */
export const listVersionText = (version: number): string => String(version).padStart(8, '0');

export class DenyListModule implements DockingModule, TapDenyList {
  readonly denyList: TapDenyList = this;
  readonly #options: DenyListModuleOptions;
  readonly #held: HeldDenyList;
  readonly #hits: DenyListHits;
  #steps: readonly FreshnessStep[] = [];

  constructor(options: DenyListModuleOptions) {
    const storage = new VolatileStorage();
    this.#options = options;
    this.#held = new HeldDenyList(options.verifier, storage);
    this.#hits = new DenyListHits(storage);
  }

  get version(): number {
    return this.#held.version;
  }

  /** Bytes of the look-up tables in memory. */
  get sizeBytes(): number {
    return this.#held.lookUp.sizeBytes;
  }

  get waitingHits(): readonly DenyListHit[] {
    return this.#hits.waiting;
  }

  restore(storage: TerminalStorage): void {
    this.#held.restore(storage);
    this.#hits.restore(storage);
  }

  find(pan: string, application: string): Denial | undefined {
    return this.#held.lookUp.find(pan, application);
  }

  freshness(): Freshness {
    const { confirmedAtMs } = this.#held;
    const confirmedAt = confirmedAtMs === undefined ? undefined : Math.floor(confirmedAtMs / 1000);
    return freshnessOf(confirmedAt, Math.floor(this.#options.nowMs() / 1000), this.#steps);
  }

  note(hit: Omit<DenyListHit, 'hitNo' | 'listVersion'>): void {
    this.#hits.note({ ...hit, listVersion: this.version });
  }

  beforeTap(terminal: Terminal, _request: TapRequest): void {
    this.#steps = terminal.configuration.denyListAge ?? [];
  }

  conditions(at: string): readonly Condition[] {
    const { state, ageSeconds } = this.freshness();
    if (state === 'fresh') return [];
    const age =
      ageSeconds === undefined ? 'there never was a list' : `confirmed ${Math.floor(ageSeconds / 60)} min ago`;
    return [{ name: 'list-too-old', detail: `${age}: ${state}`, since: at }];
  }

  async afterSignIn(session: DockingSession): Promise<void> {
    await this.update(session);
    await this.tellHits(session);
  }

  async afterUpload(session: DockingSession): Promise<void> {
    await this.tellHits(session);
  }

  /** Throws `POLYCARD_DENY_LIST_*` when what the host sends cannot be believed; the list that is held stays. */
  async update(session: DockingSession): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const way = await download(session, this.version);
      if (way === undefined) break;
      try {
        if (way !== 'changed-meanwhile') {
          this.#held.take(way);
          break;
        }
      } catch (error) {
        // what is held does not fit what came: once more, from nothing
        if (!(error instanceof PolycardError) || this.version === 0 || attempt >= TRIES_MAX) throw error;
        if (error.code === 'POLYCARD_DENY_LIST_SIGNATURE') throw error;
        this.#held.forget();
      }
      if (attempt >= TRIES_MAX)
        throw new PolycardError('POLYCARD_DENY_LIST_GAP', 'the list changed again and again while it came', {
          where: DENY_LIST_SET,
          expected: 'one version for all its pages',
        });
    }
    this.#held.confirm(this.#options.nowMs());
    await acknowledge(session, this.version);
  }

  /** Tells the host of listed cards; what it does not take stays. */
  async tellHits(session: DockingSession): Promise<void> {
    for (const hit of this.#hits.waiting) {
      const { code, isSealed } = await sealedExchange(
        session,
        '0820',
        NETWORK_CODES.denyListHit,
        encodeDenyListHit(hit),
      );
      if (code !== ACCEPTED || !isSealed) return;
      this.#hits.told(hit);
    }
  }
}

/** All pages of the way from a version; undefined when the host has nothing newer. */
async function download(session: DockingSession, held: number): Promise<Uint8Array | 'changed-meanwhile' | undefined> {
  const chunks: Uint8Array[] = [];
  let [bytes, version] = [0, ''];
  for (let page = 0; ; page++) {
    const request = encodeParameterRequest({ set: DENY_LIST_SET, version: listVersionText(held), page });
    const { code, isSealed, data } = await sealedExchange(session, '0800', NETWORK_CODES.tmsParameters, request);
    if (code !== ACCEPTED)
      throw new PolycardError('POLYCARD_TERMINAL_PARAMETERS', `set ${DENY_LIST_SET} was refused with ${code}`, {
        where: 'F39',
      });
    const answer = parseParameterAnswer(data);
    if (answer.status === 'nothing-newer') {
      if (isSealed) return undefined;
      throw new PolycardError('POLYCARD_TERMINAL_ANSWER_MAC', 'nobody vouches that there is no newer deny list', {
        where: 'F64',
        expected: 'an answer under the session MAC',
      });
    }
    if (page > 0 && answer.version !== version) return 'changed-meanwhile';
    version = answer.version;
    bytes += answer.chunk.length;
    if (bytes > CHAIN_BYTES_MAX)
      throw new PolycardError('POLYCARD_DENY_LIST_FORMAT', `the host sends more than ${CHAIN_BYTES_MAX} bytes`, {
        where: DENY_LIST_SET,
      });
    chunks.push(Uint8Array.from(answer.chunk));
    if (answer.status === 'last') return Buffer.concat(chunks);
  }
}

async function acknowledge(session: DockingSession, version: number): Promise<void> {
  const held = encodeParameterRequest({ set: DENY_LIST_SET, version: listVersionText(version), page: 0 });
  await sealedExchange(session, '0800', NETWORK_CODES.tmsParametersEnd, held);
}

async function sealedExchange(session: DockingSession, mti: string, networkCode: string, data: Uint8Array) {
  const { link, batchNo } = session;
  const traceNo = session.nextTrace();
  const frame = link.sealedManagement(mti, { traceNo, batchNo, code: networkCode }, { 62: data });
  const { code, message } = link.answer(await session.send(frame));
  // an old answer of this session would carry a right MAC
  if (Number(message.required(11)) !== traceNo)
    throw new PolycardError('POLYCARD_TERMINAL_ANSWER', 'the answer belongs to another message', {
      where: 'F11',
      expected: String(traceNo).padStart(6, '0'),
    });
  return { code, isSealed: message.has(64), data: message.raw(62) ?? new Uint8Array(0) };
}
