/**
 * Checks of the rules of a tariff against each other: rules that can never take effect, promotions whose order nobody
 * stated, deductions that would take more than there is, fares that fall where they should rise.
 */
import type { Blueprint } from './blueprint.ts';
import type { FileFindings } from './findings.ts';
import type { Promotion, PromotionConditions } from './schema/promotion.ts';
import type { Discount, Tariff } from './schema/tariff.ts';

export function checkFareRules(tariff: Tariff, blueprint: Blueprint, findings: FileFindings): void {
  checkReach(tariff, blueprint, findings);
  checkEffect(tariff, findings);
  checkOverlaps(tariff.promotions ?? [], findings);
  checkDeductions(tariff, findings);
  checkOrder(tariff, findings);
}

const yuan = (fen: number): string => `¥${(fen / 100).toFixed(2)}`;

/** Conditions and bands that no ride can meet. */
function checkReach(tariff: Tariff, blueprint: Blueprint, findings: FileFindings): void {
  const { mode, baseFare, discounts, promotions = [], caps, cumulation } = tariff;
  const unreachable = (path: string, expected: string, found: string | number): void =>
    findings.add('fare-rule-unreachable', path, expected, found);
  if (baseFare.kind === 'distance') {
    const network = blueprint.networks.find((candidate) => candidate.network === baseFare.network);
    const longest = network?.lines.reduce((sum, line) => sum + line.lengthMetres, 0) ?? Number.POSITIVE_INFINITY;
    let start = baseFare.startMetres;
    for (const [index, band] of baseFare.bands.entries()) {
      if (start >= longest)
        unreachable(`/baseFare/bands/${index}`, `a band that begins below ${longest} m, all lines together`, start);
      start = Math.max(start, band.uptoMetres ?? start);
    }
  } else {
    for (const [index, { rule }] of discounts.entries()) {
      if (rule.kind !== 'tiers') continue;
      let start = 0;
      for (const [position, tier] of rule.tiers.entries()) {
        if (start >= baseFare.maximumFen)
          unreachable(
            `/discounts/${index}/rule/tiers/${position}`,
            `a tier that begins below the highest fare ${yuan(baseFare.maximumFen)}`,
            yuan(start),
          );
        start = tier.uptoFen ?? start;
      }
    }
  }
  const codes = new Set(
    blueprint.parties.filter((party) => party.kind === 'operator' && party.mode !== mode).map(({ code }) => code),
  );
  for (const [index, { when }] of promotions.entries()) {
    const path = `/promotions/${index}/when`;
    if (mode === 'metro' && when.routes !== undefined)
      unreachable(`${path}/routes`, 'no routes: a metro ride has none', when.routes.join(', '));
    if (mode === 'bus' && when.stations !== undefined)
      unreachable(`${path}/stations`, 'no stations: a bus ride has none', when.stations.join(', '));
    if (when.operators?.every((code) => codes.has(code)) === true)
      unreachable(`${path}/operators`, `an operator of the ${mode}`, when.operators.join(', '));
  }
  if (caps?.dayFen !== undefined && caps.monthFen !== undefined && caps.dayFen >= caps.monthFen)
    unreachable('/caps/dayFen', `less than the cap of the month ${yuan(caps.monthFen)}`, yuan(caps.dayFen));
  if (caps?.monthFen === undefined || caps.cardClasses !== undefined) return;
  for (const [index, { fromFen }] of (cumulation?.bands ?? []).entries()) {
    if (fromFen >= caps.monthFen)
      unreachable(
        `/cumulation/bands/${index}/fromFen`,
        `less than the cap of the month ${yuan(caps.monthFen)}`,
        yuan(fromFen),
      );
  }
}

/** Rules that change nothing when they apply. */
function checkEffect({ discounts, promotions = [] }: Tariff, findings: FileFindings): void {
  const unreachable = (path: string, expected: string, found: string | number): void =>
    findings.add('fare-rule-unreachable', path, expected, found);
  for (const [index, { rule }] of discounts.entries()) {
    if (rule.kind === 'percent' && rule.percentOff === 0)
      unreachable(`/discounts/${index}/rule/percentOff`, 'more than 0, or fullFareClasses', 0);
  }
  for (const [index, { rule, when }] of promotions.entries()) {
    if (rule.kind === 'percent' && rule.percentOff === 0)
      unreachable(`/promotions/${index}/rule/percentOff`, 'more than 0', 0);
    if (rule.kind === 'deduct' && rule.deductFen === 0)
      unreachable(`/promotions/${index}/rule/deductFen`, 'more than 0', 0);
    if (when.cardClasses?.every((id) => isFree(discounts, id)) === true)
      unreachable(
        `/promotions/${index}/when/cardClasses`,
        'a class that pays anything',
        `${when.cardClasses.join(', ')}, which rides free`,
      );
    const before = promotions.findIndex(
      (other, position) =>
        other.stacking === 'last' &&
        (other.priority < promotions[index]!.priority ||
          (other.priority === promotions[index]!.priority && position < index)) &&
        promotions[index]!.stacking !== 'instead' &&
        holdsWhenever(other.when, when),
    );
    if (before >= 0)
      unreachable(
        `/promotions/${index}`,
        'a promotion that no other keeps out',
        `${promotions[index]!.id} after ${promotions[before]!.id}, which is the last wherever it holds`,
      );
  }
}

/** Promotions of one priority that may hold for one ride and give another fare in another order. */
function checkOverlaps(promotions: readonly Promotion[], findings: FileFindings): void {
  for (const [index, second] of promotions.entries()) {
    const first = promotions
      .slice(0, index)
      .find(
        (other) =>
          other.priority === second.priority && orderMatters(other, second) && mayMeet(other.when, second.when),
      );
    if (first !== undefined)
      findings.add(
        'fare-rules-overlap',
        `/promotions/${index}/priority`,
        `a priority of its own: ${first.id} may hold for the same ride`,
        second.priority,
      );
  }
}

function orderMatters(a: Promotion, b: Promotion): boolean {
  if (a.stacking === 'instead' || b.stacking === 'instead') return false;
  return a.stacking === 'last' || b.stacking === 'last' || a.rule.kind !== b.rule.kind;
}

/** Whether a ride could meet both; stations are of entry or exit, so two lists of them always may. */
function mayMeet(a: PromotionConditions, b: PromotionConditions): boolean {
  const share = <T>(one: readonly T[] | undefined, other: readonly T[] | undefined): boolean =>
    one === undefined || other === undefined || one.some((value) => other.includes(value));
  const isApart = (from: string | undefined, until: string | undefined): boolean =>
    from !== undefined && until !== undefined && until < from;
  return (
    share(a.cardClasses, b.cardClasses) &&
    share(a.weekdays, b.weekdays) &&
    share(a.routes, b.routes) &&
    share(a.operators, b.operators) &&
    !isApart(a.from, b.until) &&
    !isApart(b.from, a.until) &&
    (a.hours === undefined || b.hours === undefined || a.hours.some((x) => b.hours!.some((y) => hoursMeet(x, y))))
  );
}

type Hours = { readonly from: string; readonly until: string };
/** Spans may go past midnight. */
function hoursMeet(a: Hours, b: Hours): boolean {
  const parts = ({ from, until }: Hours): Hours[] =>
    from <= until
      ? [{ from, until }]
      : [
          { from, until: '2400' },
          { from: '0000', until },
        ];
  return parts(a).some((x) => parts(b).some((y) => x.from < y.until && y.from < x.until));
}

/** Whether `wide` holds for every ride for which `narrow` does, as far as the lists tell. */
function holdsWhenever(wide: PromotionConditions, narrow: PromotionConditions): boolean {
  const covers = <T>(outer: readonly T[] | undefined, inner: readonly T[] | undefined): boolean =>
    outer === undefined || inner?.every((value) => outer.includes(value)) === true;
  return (
    covers(wide.cardClasses, narrow.cardClasses) &&
    covers(wide.weekdays, narrow.weekdays) &&
    covers(wide.routes, narrow.routes) &&
    covers(wide.operators, narrow.operators) &&
    covers(wide.stations, narrow.stations) &&
    (wide.from === undefined || (narrow.from !== undefined && narrow.from >= wide.from)) &&
    (wide.until === undefined || (narrow.until !== undefined && narrow.until <= wide.until)) &&
    (wide.hours === undefined || JSON.stringify(wide.hours) === JSON.stringify(narrow.hours))
  );
}

/** A deduction beyond the lowest full fare can be meant for nobody; one beyond a discounted fare makes the ride free. */
function checkDeductions(
  { baseFare, transfer, promotions = [], routeFares = [] }: Tariff,
  findings: FileFindings,
): void {
  const lowestFen = Math.min(
    baseFare.kind === 'distance' ? Math.min(baseFare.startFen, baseFare.sameStationFen) : baseFare.defaultFen,
    ...routeFares.flatMap((rule) => (rule.kind === 'flat' ? rule.fareFen : rule.sectionFaresFen)),
  );
  const check = (path: string, deductFen: number): void => {
    if (deductFen > lowestFen)
      findings.add(
        'fare-negative',
        path,
        `at most the lowest full fare ${yuan(lowestFen)}`,
        `${yuan(deductFen)}, which leaves less than nothing`,
      );
  };
  if (transfer !== undefined) check('/transfer/deductFen', transfer.deductFen);
  for (const [index, { rule }] of promotions.entries()) {
    if (rule.kind === 'deduct') check(`/promotions/${index}/rule/deductFen`, rule.deductFen);
  }
}

/** More distance, or more paid this month, and yet another direction of the fare. */
function checkOrder({ baseFare, cumulation }: Tariff, findings: FileFindings): void {
  if (baseFare.kind === 'distance' && baseFare.sameStationFen > baseFare.startFen)
    findings.add(
      'fare-non-monotone',
      '/baseFare/sameStationFen',
      `at most the starting fare ${yuan(baseFare.startFen)}: no distance costs no more than some`,
      yuan(baseFare.sameStationFen),
    );
  for (const [index, { percentOff }] of (cumulation?.bands ?? []).slice(1).entries()) {
    const before = cumulation!.bands[index]!.percentOff;
    if (percentOff < before)
      findings.add(
        'fare-non-monotone',
        `/cumulation/bands/${index + 1}/percentOff`,
        `at least the ${before} % of the band before: who rides more pays no more`,
        percentOff,
      );
  }
}

function isFree(discounts: readonly Discount[], id: string): boolean {
  const rule = discounts.find(({ cardClasses }) => cardClasses.includes(id))?.rule;
  return rule?.kind === 'percent' && rule.percentOff === 100;
}
