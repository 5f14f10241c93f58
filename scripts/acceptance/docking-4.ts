/** docking.4: a million-card list from a file to the gate (e2e/deny-list-scenario.ts). */
import { type DenyListPlant, ISSUED_PER_LISTED, runDenyListScenario } from '../../e2e/deny-list-scenario.ts';
import { figure, tests } from './item.ts';

export { DENY_LIST_PLANTS } from '../../e2e/deny-list-scenario.ts';

const LISTED = 1_000_000;
const LISTED_PLANTED = 20_000;

export async function denyLists(plant: string | undefined): Promise<string[]> {
  const listed = Number(process.env['POLYCARD_LISTED'] ?? (plant === undefined ? LISTED : LISTED_PLANTED));
  const wrong = await runDenyListScenario({
    ...{ listed, issued: listed * ISSUED_PER_LISTED, figure, timed: plant === undefined },
    plant: plant as DenyListPlant | undefined,
  });
  return plant === undefined ? [...wrong, ...(await tests(['packages/deny-list', 'e2e/deny-list.test.ts']))] : wrong;
}
