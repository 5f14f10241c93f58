/** The base fare of a ride on a bus route that has a fare of its own, in words that name its stops. */
import { PolycardError } from '@polycard/bytes';
import { type Base, base, type CompiledTariff, type Ride } from './fare.ts';
import { type CompiledRoutes, sectionPrice } from './route-fares.ts';

/** The base of a ride on a route that has a fare of its own, or of one without tap-off. */
export function routeBase({ tariff, routes }: CompiledTariff, ride: Ride): Base | undefined {
  if (ride.marked !== undefined) return missingTapOff(routes, ride.marked);
  const route = ride.route === undefined ? undefined : routes.get(ride.route);
  if (route === undefined) return undefined;
  if (ride.declaredBaseFen !== undefined)
    throw new PolycardError('POLYCARD_FARES_BASE', `route ${route.id} has its fare by rule ${route.rule.id}`, {
      where: 'declaredBaseFen',
      expected: 'no stated fare on this route',
    });
  if (route.rule.kind === 'flat') {
    const { fareFen } = route.rule;
    return {
      fen: fareFen,
      source: 'network',
      step: base(`Route ${route.id}: flat fare`, `${route.id}路 一票制`, fareFen),
    };
  }
  if (ride.section === undefined)
    throw new PolycardError(
      'POLYCARD_FARES_BASE',
      `route ${route.id} is charged by section: ${tariff.tariff} needs both stops`,
      {
        expected: 'direction, boarding and alighting stop',
      },
    );
  const { fen, sections, from, to } = sectionPrice(route, ride.section);
  const [en, zh] =
    sections === undefined
      ? [
          `Route ${route.id}, ${from.name.en} to ${to.name.en}, which is before it: to the end of the route`,
          `${route.id}路 ${from.name.zh} 至 ${to.name.zh}（逆序）：按到终点站计`,
        ]
      : [
          `Route ${route.id}, ${from.name.en} to ${to.name.en}: ${sections} ${sections === 1 ? 'section' : 'sections'}`,
          `${route.id}路 ${from.name.zh} 至 ${to.name.zh}：${sections} 段`,
        ];
  return { fen, source: 'network', step: base(en, zh, fen) };
}

function missingTapOff(
  routes: CompiledRoutes,
  { route, boardingStop, at, markedFen }: NonNullable<Ride['marked']>,
): Base {
  const stops = [...(routes.get(route)?.stopsOf.values() ?? [])].flat();
  const name = stops.find(({ code }) => code === boardingStop)?.name ?? { en: boardingStop, zh: boardingStop };
  const when = `${at.slice(0, 4)}-${at.slice(4, 6)}-${at.slice(6, 8)} ${at.slice(8, 10)}:${at.slice(10, 12)}`;
  const en = `No tap-off: route ${route} from ${name.en} on ${when}, to the end of the route`;
  const zh = `下车未刷卡：${when} ${route}路 ${name.zh} 上车，按到终点站计`;
  return { fen: markedFen, source: 'network', step: { ...base(en, zh, markedFen), rule: 'missing-tap-off' } };
}
