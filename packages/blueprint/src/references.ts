/**
 * Checks across a blueprint's files: every name that is used exists, every name that is looked up leads to one thing,
 * records do not overlap or collide, shares add up, and nobody holds both kinds of key.
 */
import type { Blueprint } from './blueprint.ts';
import { type BlueprintFinding, FileFindings } from './findings.ts';
import { type Claims, checkApplication } from './record-checks.ts';
import { checkNetwork, checkTariff } from './tariff-checks.ts';

/** `fileOf` says which file an application, tariff or network was read from. */
export function checkReferences(blueprint: Blueprint, fileOf: (part: object) => string): BlueprintFinding[] {
  const found: BlueprintFinding[] = [];
  const of = (file: string): FileFindings => new FileFindings(file, found);
  checkManifest(blueprint, of('blueprint.yaml'));
  checkParties(blueprint, of('parties.yaml'));
  checkKeys(blueprint, of('keys.yaml'));
  checkCards(blueprint, of('cards.yaml'));
  const claims: Claims = { sfis: new Map(), recordNames: new Map() };
  for (const application of blueprint.applications) {
    const file = fileOf(application);
    checkApplication(application, file, blueprint.keys, claims, of(file));
  }
  for (const tariff of blueprint.tariffs) checkTariff(tariff, blueprint, of(fileOf(tariff)));
  for (const network of blueprint.networks) checkNetwork(network, of(fileOf(network)));
  checkOnePerFile(blueprint, fileOf, found);
  checkTerminals(blueprint, of('terminals.yaml'));
  checkSettlement(blueprint, of('settlement.yaml'));
  return found;
}

function checkManifest({ manifest }: Blueprint, findings: FileFindings): void {
  for (const key of ['id', 'code'] as const) {
    findings.unique(
      manifest.cities.map((city, index) => [`/cities/${index}/${key}`, city[key]]),
      `a city ${key}`,
    );
  }
}

function checkParties({ parties, manifest, networks }: Blueprint, findings: FileFindings): void {
  const cities = manifest.cities.map((city) => city.id);
  const lines = networks.flatMap((network) => network.lines.map((line) => line.id));
  for (const key of ['id', 'code'] as const) {
    findings.unique(
      parties.map((party, index) => [`/parties/${index}/${key}`, party[key]]),
      `a party ${key}`,
    );
  }
  findings.unique(
    parties.flatMap((party, index) =>
      party.issuer === undefined ? [] : [[`/parties/${index}/issuer/bin`, party.issuer.bin] as const],
    ),
    'a BIN',
  );
  findings.unique(
    parties.flatMap(({ aliases }, index) =>
      (aliases ?? []).map((alias, position) => [`/parties/${index}/aliases/${position}`, alias] as const),
    ),
    'an alias',
  );
  findings.unique(
    parties.flatMap((party, index) =>
      (party.lines ?? []).map((line, position) => [`/parties/${index}/lines/${position}`, line] as const),
    ),
    'a line, by one operator,',
  );
  parties.forEach((party, index) => {
    const path = `/parties/${index}`;
    findings.oneOf(`${path}/city`, party.city, cities, 'a city of blueprint.yaml');
    party.lines?.forEach((line, position) => {
      findings.oneOf(`${path}/lines/${position}`, line, lines, 'a line of a network');
    });
    if (party.kind === 'issuer' && party.issuer === undefined)
      findings.add(path, 'issuer data (bin, panDigits, derivationKeyIndex)', 'none');
    if (party.kind === 'operator' && party.mode === undefined) findings.add(path, 'the mode of an operator', 'none');
  });
  const platforms = parties.filter((party) => party.kind === 'platform').length;
  if (platforms !== 1) findings.add('/parties', 'one party of kind platform', platforms);
}

function checkKeys({ keys }: Blueprint, findings: FileFindings): void {
  findings.unique(
    keys.map(({ label }, index) => [`/trees/${index}/label`, label]),
    'a key label',
  );
  const activation = new Set(keys.filter((tree) => tree.usage === 'activation').map((tree) => tree.custodian));
  keys.forEach((tree, index) => {
    // who opens applications on cards must not be able to change their records, and the other way round
    if (tree.usage === 'management' && activation.has(tree.custodian))
      findings.add(`/trees/${index}/custodian`, 'a custodian who holds no activation key', tree.custodian);
    tree.dispersion.forEach((level, position) => {
      if (level.factor === 'fixed' && level.value === undefined)
        findings.add(`/trees/${index}/dispersion/${position}`, 'a value for a fixed factor', 'none');
    });
  });
}

function checkCards({ cards, parties, applications }: Blueprint, findings: FileFindings): void {
  const classes = cards.classes.map((cardClass) => cardClass.id);
  const issuers = parties.filter((party) => party.kind === 'issuer').map((party) => party.id);
  const opened = applications.map((application) => application.application);
  for (const key of ['id', 'code'] as const) {
    findings.unique(
      cards.classes.map((cardClass, index) => [`/classes/${index}/${key}`, cardClass[key]]),
      `a class ${key}`,
    );
  }
  findings.unique(
    cards.products.map(({ id }, index) => [`/products/${index}/id`, id]),
    'a product id',
  );
  cards.products.forEach((product, index) => {
    const path = `/products/${index}`;
    findings.oneOf(`${path}/issuer`, product.issuer, issuers, 'an issuing bank');
    findings.oneOf(`${path}/cardClass`, product.cardClass, classes, 'a card class');
    product.applications.forEach((id, position) => {
      findings.oneOf(`${path}/applications/${position}`, id, opened, 'an application');
    });
    const { balanceFen, balanceLimitFen } = product.electronicCash;
    if (balanceFen > balanceLimitFen)
      findings.add(`${path}/electronicCash/balanceFen`, `at most the limit ${balanceLimitFen}`, balanceFen);
  });
}

/** One application, tariff or network by each name, and one tariff for each mode: a second would replace the first. */
function checkOnePerFile(blueprint: Blueprint, fileOf: (part: object) => string, found: BlueprintFinding[]): void {
  const once = (parts: readonly (readonly [part: object, name: string])[], path: string, what: string): void => {
    const first = new Map<string, string>();
    for (const [part, name] of parts) {
      const file = fileOf(part);
      const before = first.get(name);
      if (before === undefined) first.set(name, file);
      else new FileFindings(file, found).add(path, `${what} of its own`, `${name}, which ${before} has`);
    }
  };
  const { applications, tariffs, networks } = blueprint;
  once(
    applications.map((part) => [part, part.application]),
    '/application',
    'an application name',
  );
  once(
    tariffs.map((part) => [part, part.tariff]),
    '/tariff',
    'a tariff name',
  );
  once(
    tariffs.map((part) => [part, part.mode]),
    '/mode',
    'a mode',
  );
  once(
    networks.map((part) => [part, part.network]),
    '/network',
    'a network name',
  );
}

function checkTerminals({ terminals, parties, networks }: Blueprint, findings: FileFindings): void {
  const profiles = terminals.profiles.map((profile) => profile.id);
  const operators = parties.filter((party) => party.kind === 'operator').map((party) => party.id);
  const stations = networks.flatMap((network) => network.stations.map((station) => station.id));
  const lines = networks.flatMap((network) => network.lines.map((line) => line.id));
  findings.unique(
    profiles.map((id, index) => [`/profiles/${index}/id`, id]),
    'a profile id',
  );
  findings.unique(
    terminals.terminals.map(({ deviceNo }, index) => [`/terminals/${index}/deviceNo`, deviceNo]),
    'a device number',
  );
  terminals.terminals.forEach((terminal, index) => {
    const path = `/terminals/${index}`;
    findings.oneOf(`${path}/profile`, terminal.profile, profiles, 'a profile');
    findings.oneOf(`${path}/operator`, terminal.operator, operators, 'an operator');
    findings.oneOf(`${path}/station`, terminal.station, stations, 'a station');
    findings.oneOf(`${path}/line`, terminal.line, lines, 'a line of a network');
  });
}

function checkSettlement({ settlement }: Blueprint, findings: FileFindings): void {
  findings.unique(
    settlement.fees.map(({ mode }, index) => [`/fees/${index}/mode`, mode]),
    'a mode, in one fee rule,',
  );
  settlement.fees.forEach((fee, index) => {
    const total = fee.shares.reduce((sum, share) => sum + share.percent, 0);
    // percentages may have decimals: 33.3 + 66.7 is 100 but for the last bit of a double
    if (Math.abs(total - 100) > 1e-9) findings.add(`/fees/${index}/shares`, 'shares that add up to 100 percent', total);
  });
}
