/** Parameter versions, mode orders and the deny list on PostgreSQL: the same acts as on the embedded database, shortly. */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ParameterRegion } from './parameters-scenario.ts';
import { startPostgresql, type TestPostgresql } from './postgresql.ts';

let database: TestPostgresql;
let region: ParameterRegion;

beforeAll(async () => {
  database = await startPostgresql();
  region = new ParameterRegion('parameters-postgresql', { databaseUrl: database.url });
  await region.open(6, 2);
}, 120_000);
afterAll(async () => {
  await region?.close();
  await database?.close();
});

async function rows(query: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query(query)).rows;
  } finally {
    await client.end();
  }
}

it('a version goes from its draft to the canary, over a restart to all terminals, and back by one act', async () => {
  region.now = '2026-12-01T06:00:00';
  region.ride('2026-12-01T06:30:00');
  await region.upload();
  const canary = region.numbersOf(region.terminalsOf([0]));
  const { version, rehearsal } = await region.approved(
    'metro starts at 2.50',
    (content) => {
      const metro = content.tariffs['tariffs/metro.yaml'] as unknown as { baseFare: Record<string, unknown> };
      metro.baseFare = { ...metro.baseFare, startFen: 250, sameStationFen: 250 };
    },
    {
      effectiveAt: '2026-12-01T10:00:00',
      stages: [{ name: 'canary', terminals: canary, effectiveAt: '2026-12-01T08:00:00' }, { name: 'all others' }],
      limits: { ridesMin: 2, beyondRehearsalPercentMax: 30 },
    },
  );
  expect(rehearsal?.result).toMatchObject({ rides: 4, more: 2, same: 2, less: 0, notComputed: 0 });
  region.now = '2026-12-01T07:00:00';
  await region.act(version, 'rollout', { why: 'as approved' });
  await region.talk();
  region.rides.length = 0;
  region.ride('2026-12-01T08:00:00');
  for (const { terminalNo, version: used } of region.rides) expect(used === version).toBe(canary.includes(terminalNo));
  region.now = '2026-12-01T08:10:00';
  await region.upload();
  expect((await region.version(version)).canary).toMatchObject({ verdict: 'good', rides: 2, terminals: 3 });

  await region.act(version, 'stages', { why: 'the canary is good', stage: 1 });
  await region.restart();
  await region.talk();
  region.rides.length = 0;
  region.ride('2026-12-01T10:00:00');
  expect(region.rides.map(({ version: used }) => used)).toEqual(Array(4).fill(version));
  region.now = '2026-12-01T10:05:00';
  await region.upload();
  await region.act(version, 'rollback', { why: 'complaints' });
  expect(await region.exceptions()).toEqual({});
  expect(await rows(`SELECT state FROM parameter_version WHERE version = '${version}'`)).toEqual([
    { state: 'rolled-back' },
  ]);
}, 180_000);

it('a listed card is refused after the next talk, and a mode order says which terminals have it', async () => {
  const { token } = region.cards[0] as unknown as { token: string };
  const [operator, supervisor] = [await region.as('operator', 'operator'), await region.as('you-jia', 'supervisor')];
  await operator.post('/api/deny-lists/entries', {
    ...{ id: 'lost-card-1', why: 'reported', entries: [{ cardToken: token, scope: 'card', reason: 'lost' }] },
  });
  await operator.post('/api/deny-lists/publications', { id: 'publication-1', why: 'today' });
  await supervisor.post('/api/approvals/publication-1/decisions', { verdict: 'approved', why: 'seen' });
  await region.talk();
  region.now = '2026-12-01T10:20:00';
  region.ride('2026-12-01T10:20:00', [0]);
  expect(region.refused.splice(0).map((line) => line.split(': ')[1]!.split(',')[0])).toContain('listed');

  const place = '0101';
  const { ids } = await operator.post<{ ids: string[] }>('/api/mode-orders', {
    ...{ id: 'smoke', places: [place, '0115'], modes: ['emergency'], reason: 'smoke' },
  });
  const order = await operator.get<{ follows: { taps: number } }>(`/api/mode-orders/${ids[0]}`);
  expect(order).toMatchObject({ order: { place, state: 'in-force' }, follows: { taps: 0, waivedFen: 0 } });
  expect(await operator.post(`/api/mode-orders/${ids[0]}/end`, {})).toEqual({ ended: true });
  expect(await rows('SELECT place_code, ended_by FROM mode_order ORDER BY place_code')).toEqual([
    { place_code: place, ended_by: 'operator' },
    { place_code: '0115', ended_by: null },
  ]);
}, 120_000);
