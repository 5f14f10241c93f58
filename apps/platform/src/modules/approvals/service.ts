/**
 * Acts that other people approve. A request shows its effect in words before anybody decides; nobody approves what they
 * asked for, nobody twice, and the last approval carries the act out once. What the matrix of duties says is enforced
 * here at each step, not only when it was checked.
 */
import type { DutyAct } from '@polycard/blueprint';
import { sql, type Transaction } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import type { Tables } from '../../store/tables.ts';
import type { Words } from '../api-types.ts';
import { actAs, acting } from '../audit/acting.ts';
import { audit } from '../audit/service.ts';
import { PUBLISH_LIST_ACT, publicationEffect } from '../deny-lists/publication.ts';
import { blastRadius } from '../keys/blast-radius.ts';
import { effectOf, PUBLISH_ACT } from '../parameters/proposal.ts';
import type { SignedIn } from '../session/service.ts';
import { carryOut, requireSensible } from './acts.ts';
import { dutyMatrix, humanOf, isCustodianOf, permissionsOf } from './permissions.ts';

const APPROVAL_LOCK = 20260902;

export interface ApprovalRequest {
  /** Made by the sender: the same request sent twice is one. */
  readonly id: string;
  readonly act: string;
  readonly subject: string;
  readonly why: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export class ApprovalService {
  readonly #context: PlatformContext;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  async list(state?: string) {
    let approvals = this.#context.store.database.selectFrom('approval').selectAll();
    if (state !== undefined) approvals = approvals.where('state', '=', state as 'waiting');
    const rows = await approvals.orderBy('requested_at', 'desc').limit(200).execute();
    return Promise.all(rows.map((row) => this.#describe(row)));
  }

  async get(id: string) {
    const row = await this.#context.store.database
      .selectFrom('approval')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw problem('POLYCARD_APPROVAL_UNKNOWN', `there is no request ${id}`, 'id');
    return this.#describe(row);
  }

  async request(request: ApprovalRequest, account: SignedIn) {
    const { store, now } = this.#context;
    const act = this.#act(request.act);
    this.#mustHave(account, act.request);
    await requireSensible(this.#context, act, request);
    this.#mustBeCustodian(account, act, request.subject);
    const effect = await this.#effect(act, request);
    await store.database.transaction().execute(async (transaction) => {
      const inserted = await transaction
        .insertInto('approval')
        .values({
          id: request.id,
          act: act.id,
          subject: request.subject,
          parameters: JSON.stringify(request.parameters),
          why: request.why,
          effect_en: effect.en,
          effect_zh: effect.zh,
          requested_by: account.name,
          requested_at: now(),
          needed: act.approvals,
          state: 'waiting',
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .execute();
      if (inserted.length === 0) {
        const known = await transaction
          .selectFrom('approval')
          .selectAll()
          .where('id', '=', request.id)
          .executeTakeFirstOrThrow();
        if (known.act !== act.id || known.subject !== request.subject || known.requested_by !== account.name)
          throw problem('POLYCARD_APPROVAL_CONFLICT', `${request.id} stands for another request`, 'id');
        return;
      }
      await audit(transaction, now(), {
        who: account.name,
        what: 'approval.requested',
        subject: request.subject,
        why: request.why,
        detail: { id: request.id, act: act.id, effect: effect.en, needed: act.approvals },
      });
    });
    return this.get(request.id);
  }

  /** Approves or refuses. The approval that completes the number carries the act out. */
  async decide(id: string, verdict: 'approved' | 'refused', why: string, account: SignedIn) {
    const { store } = this.#context;
    const complete = await store.database.transaction().execute(async (transaction) => {
      await sql`SELECT pg_advisory_xact_lock(${APPROVAL_LOCK})`.execute(transaction);
      return this.#note(transaction, { id, verdict, why, account });
    });
    if (complete !== undefined) await this.#carryOut(id, complete);
    return this.get(id);
  }

  /** Notes one decision; gives who approved once they are enough. */
  async #note(
    transaction: Transaction<Tables>,
    { id, verdict, why, account }: { id: string; verdict: 'approved' | 'refused'; why: string; account: SignedIn },
  ): Promise<string[] | undefined> {
    const { now } = this.#context;
    const approval = await transaction.selectFrom('approval').selectAll().where('id', '=', id).executeTakeFirst();
    if (approval === undefined) throw problem('POLYCARD_APPROVAL_UNKNOWN', `there is no request ${id}`, 'id');
    const act = this.#act(approval.act);
    this.#mustHave(account, act.approve);
    this.#mustBeCustodian(account, act, approval.subject);
    const human = humanOf(this.#context, account.name);
    if (human === humanOf(this.#context, approval.requested_by))
      throw problem('POLYCARD_APPROVAL_OWN', `${account.name} asked for this and cannot decide it`, 'id');
    const decisions = await transaction
      .selectFrom('approval_decision')
      .selectAll()
      .where('approval_id', '=', id)
      .execute();
    const earlier = decisions.find(({ who }) => humanOf(this.#context, who) === human);
    if (earlier !== undefined) {
      if (earlier.verdict === verdict) return undefined;
      throw problem('POLYCARD_APPROVAL_TWICE', `${account.name} has already decided: ${earlier.verdict}`, 'id');
    }
    if (approval.state !== 'waiting')
      throw problem('POLYCARD_APPROVAL_DECIDED', `request ${id} is ${approval.state}`, 'id');
    await transaction
      .insertInto('approval_decision')
      .values({ approval_id: id, who: account.name, verdict, why, at: now() })
      .execute();
    await audit(transaction, now(), {
      who: account.name,
      what: verdict === 'approved' ? 'approval.given' : 'approval.refused',
      subject: approval.subject,
      why,
      detail: { id, act: act.id, requestedBy: approval.requested_by },
    });
    if (verdict === 'refused') {
      await transaction
        .updateTable('approval')
        .set({ state: 'refused', decided_at: now() })
        .where('id', '=', id)
        .execute();
      return undefined;
    }
    const approvers = [
      ...decisions.filter((decision) => decision.verdict === 'approved').map(({ who }) => who),
      account.name,
    ];
    // the number that was asked for when it was requested, or what duties say now if that is more; never none
    return approvers.length >= Math.max(1, approval.needed, act.approvals) ? approvers : undefined;
  }

  async #carryOut(id: string, approvedBy: readonly string[]): Promise<void> {
    const { store, now } = this.#context;
    const approval = await store.database
      .selectFrom('approval')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const act = this.#act(approval.act);
    const requester = { who: approval.requested_by, why: approval.why, approvedBy };
    try {
      const { before, after, outcome } = await actAs({ ...acting(), ...requester, rights: undefined }, () =>
        carryOut(this.#context, act, {
          ...{ id, act: act.id, subject: approval.subject, why: approval.why },
          parameters: approval.parameters as Record<string, string>,
        }),
      );
      await store.database.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('approval')
          .set({ state: 'done', outcome, decided_at: now() })
          .where('id', '=', id)
          .execute();
        await audit(transaction, now(), {
          ...requester,
          what: act.id,
          subject: approval.subject,
          before,
          after,
          detail: { id },
        });
      });
    } catch (error) {
      await store.database.transaction().execute(async (transaction) => {
        const code = (error as { code?: string }).code ?? 'POLYCARD_INTERNAL';
        await transaction
          .updateTable('approval')
          .set({ state: 'failed', outcome: code, decided_at: now() })
          .where('id', '=', id)
          .execute();
        await audit(transaction, now(), {
          ...requester,
          what: 'approval.failed',
          subject: approval.subject,
          detail: { id, code },
        });
      });
      throw error;
    }
  }

  async #describe(row: {
    id: string;
    act: string;
    subject: string;
    why: string;
    effect_en: string;
    effect_zh: string;
    requested_by: string;
    requested_at: Date;
    needed: number;
    state: string;
    outcome: string;
  }) {
    const act = this.#act(row.act);
    const decisions = await this.#context.store.database
      .selectFrom('approval_decision')
      .selectAll()
      .where('approval_id', '=', row.id)
      .orderBy('at')
      .execute();
    return {
      id: row.id,
      act: { id: act.id, name: act.name, approve: act.approve },
      subject: row.subject,
      why: row.why,
      effect: { en: row.effect_en, zh: row.effect_zh },
      requestedBy: row.requested_by,
      requestedAt: row.requested_at.toISOString(),
      needed: Math.max(1, row.needed),
      state: row.state as 'waiting' | 'done' | 'refused' | 'failed',
      outcome: row.outcome,
      decisions: decisions.map(({ who, verdict, why, at }) => ({ who, verdict, why, at: at.toISOString() })),
    };
  }

  async #effect(act: DutyAct, request: ApprovalRequest): Promise<Words> {
    if (act.id === PUBLISH_ACT) return effectOf(this.#context, request.subject);
    const { receiver = '', zone = '', form = '' } = request.parameters;
    const touched: Readonly<Record<string, number | string>> = {
      ...{ receiver, zone: zone === '' ? form : zone },
      ...(act.id === PUBLISH_LIST_ACT
        ? await publicationEffect(this.#context, request.parameters)
        : await blastRadius(this.#context, knownKeyOf(act, request.subject))),
    };
    const fill = (text: string): string =>
      text
        .replaceAll('{subject}', request.subject)
        .replace(/\{([a-z]+)\}/g, (placeholder, name: string) => String(touched[name] ?? placeholder));
    return { en: fill(act.effect.en), zh: fill(act.effect.zh) };
  }

  #act(id: string): DutyAct {
    const act = dutyMatrix(this.#context).duties.acts.find((candidate) => candidate.id === id);
    if (act === undefined) throw problem('POLYCARD_APPROVAL_ACT', `there is no act ${id}`, 'act');
    return act;
  }

  /** Water's officers do not decide over the metro's keys. */
  #mustBeCustodian(account: SignedIn, act: DutyAct, subject: string): void {
    if (!act.id.startsWith('keys.')) return;
    const labels = subject.split(',').map((entry) => entry.trim().split(/[#/ ]/)[0]!);
    if (labels.every((label) => isCustodianOf(this.#context, account, label))) return;
    throw problem(
      'POLYCARD_SESSION_FORBIDDEN',
      `${subject} is in the custody of others than ${account.name}`,
      'subject',
    );
  }

  #mustHave(account: SignedIn, permission: string): void {
    if (!permissionsOf(this.#context, account).has(permission))
      throw problem('POLYCARD_SESSION_FORBIDDEN', `this needs the permission ${permission}`);
  }
}

/** The key whose blast radius an act has; one that is not here yet has none. */
function knownKeyOf(act: DutyAct, subject: string): string | undefined {
  if (!act.id.startsWith('keys.') || act.id.endsWith('.import')) return undefined;
  return subject.split(',')[0]!.split('/')[0]!;
}
