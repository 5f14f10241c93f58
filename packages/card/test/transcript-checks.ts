/**
 * The checks that stand in the recording against what our own host and terminal functions recompute of the same
 * dialogue: every cryptogram, MAC, certificate and signature, and every value read out of an answer.
 */
import { fromHex, parseResponse, parseTlv, tlvMap, toHex } from '@polycard/bytes';
import {
  cryptogramKindOfCvr,
  type DialogueCheck,
  DialogueChecker,
  type DialogueCheckKind,
  openRsaPublicKey,
} from '@polycard/emv';
import type { RecordedCheck, Recording, Scenario, Step } from './recording.ts';

/** What the recording calls a check, and which recomputed value it is. */
const COMPUTED: readonly (readonly [RegExp, DialogueCheckKind])[] = [
  [/^(TC|ARQC|AAC) \(CVN /, 'cryptogram'],
  [/^issuer discretionary data MAC/, 'issuer-data-mac'],
  [/^UPDATE CAPP command MAC/, 'update-mac'],
  [/^APPEND RECORD command MAC/, 'append-mac'],
  [/^(READ CAPP response MAC|RMAC|8-byte record)/, 'read-mac'],
  [/^(UPDATE CAPP )?status MAC/, 'status-mac'],
  [/^script MAC/, 'script-mac'],
  [/^ARPC/, 'issuer-authentication'],
  [/^PIN change block/, 'pin-change'],
  [/^load log MAC/, 'load-log-mac'],
  [/^fDDA version/, 'fdda'],
  [/^DDA signature/, 'dda'],
  [/^CDA/, 'cda'],
  [/^GET TRANS PROVE/, 'proof'],
];

/** Values that are read, not computed. */
function reading(what: string, command: string, answer: string): unknown {
  const { data } = parseResponse(fromHex(answer));
  const objects = (): ReadonlyMap<string, Uint8Array> => tlvMap(parseTlv(data));
  const object = (tag: string): string | null => {
    const value = objects().get(tag);
    return value === undefined ? null : toHex(value);
  };
  const tagsOf = (): string => (parseTlv(data)[0]!.children ?? []).map((node) => node.tag).join(' ');
  const cvr = (): Uint8Array => {
    const found = /07....03(.{6})(01|04)/.exec(answer.slice(answer.startsWith('80') ? 26 : answer.indexOf('9F10')));
    return fromHex(found![1]!);
  };
  if (/^9F26 absent from/.test(what)) return tagsOf();
  if (/ absent/.test(what)) return data[0] === 0x70 || data[0] === 0x77 ? object(what.slice(0, 4)) : null;
  if (/^(GET DATA|ATC )/.test(what)) return toHex(data.subarray(3));
  if (/^(cyclic record|kept record)/.test(what)) return toHex(data);
  if (/^record content/.test(what))
    return toHex(command.startsWith('80B4') && data.length > 3 + data[2]! ? data.subarray(0, 3 + data[2]!) : data);
  if (/^(outcome|cryptogram type)/.test(what)) return cryptogramKindOfGeneration(cvr());
  if (/^CVR byte 1/.test(what)) return toHex(cvr().subarray(0, 1));
  if (/^CVR/.test(what)) return toHex(cvr());
  if (/no response data/.test(what)) return toHex(data);
  if (/^9F69 = /.test(what)) return /^01.{8}.{4}.{2}$/.test(object('9F69') ?? '');
  if (/^9F69 byte 8/.test(what)) return object('9F69')?.slice(-2);
  if (/^9F5D/.test(what)) return object('9F5D');
  if (/^tag order/.test(what)) return tagsOf();
  if (/^format/.test(what)) return answer.slice(0, 2);
  if (/APDU$/.test(what)) return command;
  if (/^header/.test(what)) return answer.slice(0, 6);
  return undefined;
}

function cryptogramKindOfGeneration(cvr: Uint8Array): string | undefined {
  const second = cvr[0]! >> 6;
  return second === 2 ? cryptogramKindOfCvr(cvr) : ['AAC', 'TC'][second];
}

export interface CheckReport {
  /** Checks of the recording that were confirmed. */
  readonly confirmed: number;
  /** By kind, what was recomputed in all; more than the recording lists. */
  readonly recomputed: ReadonlyMap<DialogueCheckKind, number>;
  readonly checks: readonly DialogueCheck[];
  readonly departures: readonly string[];
  /** Checks that do not hold, or that nothing was recomputed for. */
  readonly unconfirmed: number;
  readonly problems: readonly string[];
}

function confirm(
  check: RecordedCheck,
  computed: readonly DialogueCheck[],
  step: Step,
  lastGpo: string,
): string | 'departure' | undefined {
  const what = check.what ?? '';
  if (check.what === undefined) return 'departure'; // an observation of the recorded card's own defect
  const kind = COMPUTED.find(([name]) => name.test(what))?.[1];
  if (kind === undefined) {
    const ofGpo = /in (the )?GPO|from the pre-authorisation answer/.test(what);
    const read = reading(what, step.c!, ofGpo ? lastGpo : step.r!);
    const same = JSON.stringify(read ?? null) === JSON.stringify(check.expected ?? null);
    return same ? undefined : `${what}: read ${String(read)}, recorded ${String(check.expected)}`;
  }
  const recorded = check.mac ?? check.plaintext ?? check.expected;
  const found = computed.filter((candidate) => candidate.kind === kind && candidate.ok);
  if (found.some((candidate) => candidate.computed === recorded)) return undefined;
  // A command the card refused carries the MAC that was sent: a wrong one must differ from ours.
  if (check.accepted === false && found.length > 0 && step.c!.includes(check.mac ?? '-')) return undefined;
  const all = computed.filter((candidate) => candidate.kind === kind).map((candidate) => candidate.computed);
  if (/^8-byte record/.test(what) && all.includes('EE66A616')) return 'departure';
  return `${what}: recomputed ${all.join(' ') || 'nothing'}, recorded ${String(recorded)}`;
}

/** Payment records as personalised; DGI 0301 is record 1 of SFI 03. */
function recordsOf(recording: Recording, variant: string): Map<string, Uint8Array> {
  const records = recording.groupingsOf(variant).filter(({ dgi, data }) => /^(0[1-9A])/.test(dgi) && data[0] === 0x70);
  return new Map(
    records.map(({ dgi, data }) => [
      `${Number.parseInt(dgi.slice(0, 2), 16)}/${Number.parseInt(dgi.slice(2), 16)}`,
      data,
    ]),
  );
}

/** Plants a wrong bit where an acceptance run wants to see that it is noticed. */
export type AnswerChange = (index: number, answer: string) => string;

export function checkTranscript(
  recording: Recording,
  scenario: Scenario,
  change: AnswerChange = (_, answer) => answer,
  /** A kind of check that is left out, to see that this is noticed. */
  skipped?: DialogueCheckKind,
): CheckReport {
  const { keys } = recording;
  const key = (text: string): Uint8Array => fromHex(text);
  const caKey = recording.caKeyOf(scenario.variant);
  const checker = new DialogueChecker({
    card: { algorithm: '3DES', ac: key(keys.card.ac), mac: key(keys.card.mac), enc: key(keys.card.enc) },
    openingKeys: new Map(
      Object.entries(keys.openingKeys).map(([sfi, value]) => [Number.parseInt(sfi, 16), key(value)]),
    ),
    recordKeys: new Map(
      Object.entries(keys.recordManagementKeys).map(([sfi, value]) => [Number.parseInt(sfi.slice(3), 16), key(value)]),
    ),
    caKeys: new Map([[`${caKey.rid}${caKey.index}`, openRsaPublicKey(key(caKey.modulus), key(caKey.exponent))]]),
    pan: recording.pan,
    records: recordsOf(recording, scenario.variant),
  });
  const recomputed = new Map<DialogueCheckKind, number>();
  const problems: string[] = [];
  const departures: string[] = [];
  let [confirmed, unconfirmed] = [0, 0];
  let lastGpo = '';
  scenario.steps.forEach((step, index) => {
    if (step.c === undefined) {
      checker.reset();
      return;
    }
    const answer = change(index, step.r!);
    const where = `${scenario.name} step ${index}`;
    if (step.c.startsWith('80A8')) lastGpo = answer;
    const taken = checker.take(index, { command: fromHex(step.c), response: fromHex(answer) });
    const computed = taken.filter(({ kind }) => kind !== skipped);
    for (const { kind, ok, reason } of computed) {
      recomputed.set(kind, (recomputed.get(kind) ?? 0) + 1);
      const isDeparture = kind === 'read-mac' && step.c.startsWith('80B4') && answer.startsWith('00010511');
      if (!ok && !isDeparture) problems.push(`${where}: ${kind} does not hold${reason ? ` (${reason})` : ''}`);
    }
    for (const check of scenario.checks.filter((candidate) => candidate.step === index)) {
      const outcome = confirm(check, computed, { ...step, r: answer }, lastGpo);
      if (outcome === undefined) confirmed++;
      else if (outcome === 'departure') departures.push(`${where}: ${check.what ?? check.observation}`);
      else {
        unconfirmed++;
        problems.push(`${where}: ${outcome}`);
      }
    }
  });
  return { confirmed, recomputed, checks: checker.checks, departures, unconfirmed, problems };
}
