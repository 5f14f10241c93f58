/** Checks of a tariff's promotions, cumulation and caps: names that exist, spans that are not empty, rules that can take effect. */
import { type Blueprint, cappApplications } from './blueprint.ts';
import type { FileFindings } from './findings.ts';
import type { RuleCode } from './rules/rules.ts';
import type { Tariff } from './schema/tariff.ts';

export function checkPromotions(tariff: Tariff, blueprint: Blueprint, findings: FileFindings): void {
  const classes = blueprint.cards.classes.map((cardClass) => cardClass.id);
  const stations = blueprint.networks.flatMap((network) => network.stations.map((station) => station.id));
  const operators = blueprint.parties.filter((party) => party.kind === 'operator').map((party) => party.code);
  const checkClasses = (path: string, ids: readonly string[] | undefined): void =>
    checkAll('class-unknown', `${path}/cardClasses`, ids, classes, 'a card class', findings);
  findings.unique(
    'promotion-collision',
    (tariff.promotions ?? []).map(({ id }, index) => [`/promotions/${index}/id`, id]),
    'a promotion id',
  );
  for (const [index, { when, budgetFen, endMarginFen }] of (tariff.promotions ?? []).entries()) {
    const path = `/promotions/${index}/when`;
    if (endMarginFen !== undefined && endMarginFen >= (budgetFen ?? 0))
      findings.add('promotion-span', `/promotions/${index}/endMarginFen`, 'less than budgetFen', endMarginFen);
    checkClasses(path, when.cardClasses);
    checkAll('station-unknown', `${path}/stations`, when.stations, stations, 'a station', findings);
    checkAll('operator-unknown', `${path}/operators`, when.operators, operators, 'an operator code', findings);
    if (when.from !== undefined && when.until !== undefined && when.until < when.from)
      findings.add('promotion-span', `${path}/until`, `a date from ${when.from} on`, when.until);
    for (const [at, { from, until }] of (when.hours ?? []).entries()) {
      if (from === until)
        findings.add('promotion-span', `${path}/hours/${at}`, 'a span that is not empty', `${from} to ${until}`);
    }
  }
  const { cumulation, caps, transfer } = tariff;
  checkClasses('/cumulation', cumulation?.cardClasses);
  for (const [index, { fromFen }] of (cumulation?.bands ?? []).slice(1).entries()) {
    const before = cumulation!.bands[index]!.fromFen;
    if (fromFen <= before)
      findings.add('tariff-gap', `/cumulation/bands/${index + 1}/fromFen`, `more than ${before}`, fromFen);
  }
  checkClasses('/caps', caps?.cardClasses);
  if (caps?.dayFen !== undefined && !keepsDayTotal(tariff, blueprint))
    findings.add('cap-without-total', '/caps/dayFen', `a field dayTotal in the ${tariff.mode} record`, 'no such field');
  for (const [index, pair] of (transfer?.operatorPairs ?? []).entries()) {
    for (const end of ['from', 'to'] as const)
      findings.oneOf(
        'operator-unknown',
        `/transfer/operatorPairs/${index}/${end}`,
        pair[end],
        operators,
        'an operator code',
      );
  }
}

function checkAll(
  code: RuleCode,
  path: string,
  names: readonly string[] | undefined,
  known: readonly string[],
  what: string,
  findings: FileFindings,
): void {
  for (const [index, name] of (names ?? []).entries()) findings.oneOf(code, `${path}/${index}`, name, known, what);
}

function keepsDayTotal(tariff: Tariff, blueprint: Blueprint): boolean {
  return cappApplications(blueprint)
    .flatMap((application) => application.files)
    .flatMap((file) => file.records)
    .some((record) => record.name === tariff.mode && record.fields.some((field) => field.name === 'dayTotal'));
}
