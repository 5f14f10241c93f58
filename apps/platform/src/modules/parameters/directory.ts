/**
 * Versions and schedule as gateway and clearing need them: read at the start and after each act, kept while the process
 * lives. A version never changes once it is in the schedule, so its region is compiled once.
 */
import type { BlueprintFile } from '@polycard/blueprint';
import type { Region } from '../../region.ts';
import type { Database } from '../../store/database.ts';
import { contentDigest, contentOf, contentText, type ParameterContent, regionUnder } from './content.ts';
import { type Appointment, appointments, type ScheduleRow, SINCE_EVER } from './schedule.ts';

export interface ParameterBase {
  readonly database: Database;
  readonly region: Region;
  readonly files: readonly BlueprintFile[];
  readonly now: () => Date;
}

export class ParameterDirectory {
  readonly #base: ParameterBase;
  readonly #contents = new Map<string, ParameterContent>();
  readonly #regions = new Map<string, Region>();
  /** Stage of each terminal, by roll-out. */
  readonly #stages = new Map<string, Map<string, number>>();
  readonly #lastStage = new Map<string, number>();
  #rows: readonly ScheduleRow[] = [];

  private constructor(base: ParameterBase) {
    this.#base = base;
  }

  /** At the first start the blueprint's own parameters become the first version, in force since ever. */
  static async open(base: ParameterBase): Promise<ParameterDirectory> {
    const directory = new ParameterDirectory(base);
    await directory.#seed();
    await directory.reload();
    return directory;
  }

  /** The files of the blueprint the platform runs on. */
  get files(): readonly BlueprintFile[] {
    return this.#base.files;
  }

  get schedule(): readonly ScheduleRow[] {
    return this.#rows;
  }

  /** What the blueprint's folder states now. */
  get blueprintContent(): ParameterContent {
    return contentOf(this.#base.region.blueprint, this.#base.files);
  }

  async reload(): Promise<void> {
    const { database } = this.#base;
    const rows = await database.selectFrom('parameter_schedule').selectAll().orderBy('sequence').execute();
    const missing = [...new Set(rows.map(({ version }) => version))].filter((name) => !this.#contents.has(name));
    if (missing.length > 0) {
      const versions = await database
        .selectFrom('parameter_version')
        .select(['version', 'content'])
        .where('version', 'in', missing)
        .execute();
      for (const { version, content } of versions) this.#contents.set(version, JSON.parse(content) as ParameterContent);
    }
    for (const rollout of new Set(rows.flatMap((row) => row.rollout ?? []))) {
      if (this.#stages.has(rollout)) continue;
      const members = await database
        .selectFrom('parameter_stage_terminal')
        .select(['terminal_no', 'stage'])
        .where('rollout', '=', rollout)
        .execute();
      const plan = await database
        .selectFrom('parameter_version')
        .select('plan')
        .where('version', '=', rollout)
        .executeTakeFirst();
      this.#stages.set(rollout, new Map(members.map(({ terminal_no, stage }) => [terminal_no, stage])));
      this.#lastStage.set(rollout, ((plan?.plan as { stages?: unknown[] } | null)?.stages?.length ?? 1) - 1);
    }
    this.#rows = rows.map((row) => ({
      sequence: row.sequence,
      version: row.version,
      rollout: row.rollout,
      stage: row.stage,
      fromAt: row.from_at,
      act: row.act as ScheduleRow['act'],
    }));
  }

  contentOf(version: string): ParameterContent | undefined {
    return this.#contents.get(version);
  }

  /** The region under a version that is or was in the schedule. */
  regionOf(version: string): Region | undefined {
    let region = this.#regions.get(version);
    if (region === undefined) {
      const content = this.#contents.get(version);
      if (content === undefined) return undefined;
      region = regionUnder(this.#base.region, content, version);
      this.#regions.set(version, region);
    }
    return region;
  }

  /** Of a roll-out's stages the one a terminal belongs to. */
  stageOf(rollout: string, terminalNo: string): number {
    return this.#stages.get(rollout)?.get(terminalNo) ?? this.#lastStage.get(rollout) ?? 0;
  }

  rowsFor(terminalNo: string): readonly ScheduleRow[] {
    if (this.#rows.length === 1) return this.#rows;
    return this.#rows.filter((row) => row.rollout === null || this.stageOf(row.rollout, terminalNo) === row.stage);
  }

  /** What this terminal should have now, and what it should keep as next. */
  appointmentsFor(terminalNo: string): { readonly current: Appointment; readonly next: Appointment | undefined } {
    const { current, next } = appointments(this.rowsFor(terminalNo), this.localNow());
    return { current: current ?? this.#rows[0]!, next };
  }

  /** Now, as the schedule states times. */
  localNow(): string {
    return this.#base.region.localTime(this.#base.now());
  }

  async #seed(): Promise<void> {
    const { database, region, now } = this.#base;
    const version = region.version;
    const content = contentText(this.blueprintContent);
    await database.transaction().execute(async (transaction) => {
      const known = await transaction.selectFrom('parameter_version').select('version').limit(1).execute();
      if (known.length > 0) return;
      await transaction
        .insertInto('parameter_version')
        .values({
          ...{ version, title: region.blueprint.manifest.name.en, based_on: null, state: 'in-force', content },
          ...{ digest: contentDigest(content), created_by: 'platform', created_at: now(), changed_at: now() },
        })
        .execute();
      await transaction
        .insertInto('parameter_schedule')
        .values({
          ...{ sequence: 1, version, rollout: null, stage: null, from_at: SINCE_EVER, act: 'begin' },
          ...{ decided_by: 'platform', decided_at: now() },
        })
        .execute();
    });
  }
}
