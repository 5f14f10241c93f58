/**
 * Checks across a blueprint's files: every name that is used exists, every name that is looked up leads to one thing,
 * records do not overlap or collide, shares add up, and nobody holds both kinds of key.
 */
import type { Blueprint } from './blueprint.ts';
import { checkBusNetwork } from './bus-network-checks.ts';
import { type BlueprintFinding, Claims, FileFindings } from './findings.ts';
import { checkApplication } from './record-checks.ts';
import { checkNetwork, checkTariff } from './tariff-checks.ts';

type FileOf = (part: object) => string;

/** What must hold before anything can be made from a blueprint. `fileOf` says which file a part was read from. */
export function checkReferences(blueprint: Blueprint, fileOf: FileOf): BlueprintFinding[] {
  const found: BlueprintFinding[] = [];
  for (const check of referenceChecks(blueprint, fileOf, found)) check();
  return found;
}

/** The checks one by one: of a blueprint with parts missing some end early, the others still find what they find. */
export function referenceChecks(blueprint: Blueprint, fileOf: FileOf, found: BlueprintFinding[]): (() => void)[] {
  const of = (file: string): FileFindings => new FileFindings(file, found);
  const claims = new Claims(found);
  return [
    () => checkManifest(blueprint, of('blueprint.yaml')),
    () => checkParties(blueprint, of('parties.yaml')),
    () => checkKeys(blueprint, of('keys.yaml')),
    () => checkCards(blueprint, of('cards.yaml')),
    ...blueprint.applications.map((application) => () => {
      const file = fileOf(application);
      checkApplication(application, file, blueprint.keys, claims, of(file));
    }),
    ...blueprint.tariffs.map((tariff) => () => checkTariff(tariff, blueprint, of(fileOf(tariff)))),
    ...blueprint.networks.map((network) => () => checkNetwork(network, of(fileOf(network)))),
    ...blueprint.busNetworks.map((network) => () => checkBusNetwork(network, blueprint, of(fileOf(network)))),
    () => checkOnePerFile(blueprint, fileOf, found),
    () => checkTerminals(blueprint, of('terminals.yaml')),
    () => checkSettlement(blueprint, of('settlement.yaml')),
    () => checkDenyLists(blueprint, of('deny-lists.yaml')),
  ];
}

function checkManifest({ manifest }: Blueprint, findings: FileFindings): void {
  for (const key of ['id', 'code'] as const) {
    findings.unique(
      'city-collision',
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
      'party-collision',
      parties.map((party, index) => [`/parties/${index}/${key}`, party[key]]),
      `a party ${key}`,
    );
  }
  findings.unique(
    'bin-collision',
    parties.flatMap((party, index) =>
      party.issuer === undefined ? [] : [[`/parties/${index}/issuer/bin`, party.issuer.bin] as const],
    ),
    'a BIN',
  );
  findings.unique(
    'alias-collision',
    parties.flatMap(({ aliases }, index) =>
      (aliases ?? []).map((alias, position) => [`/parties/${index}/aliases/${position}`, alias] as const),
    ),
    'an alias',
  );
  findings.unique(
    'line-collision',
    parties.flatMap((party, index) =>
      (party.lines ?? []).map((line, position) => [`/parties/${index}/lines/${position}`, line] as const),
    ),
    'a line, by one operator,',
  );
  parties.forEach((party, index) => {
    const path = `/parties/${index}`;
    findings.oneOf('city-unknown', `${path}/city`, party.city, cities, 'a city of blueprint.yaml');
    party.lines?.forEach((line, position) => {
      findings.oneOf('line-unknown', `${path}/lines/${position}`, line, lines, 'a line of a network');
    });
    if (party.kind === 'issuer' && party.issuer === undefined)
      findings.add('party-incomplete', path, 'issuer data (bin, panDigits, derivationKeyIndex)', 'none');
    if (party.kind === 'operator' && party.mode === undefined)
      findings.add('party-incomplete', path, 'the mode of an operator', 'none');
  });
  const platforms = parties.filter((party) => party.kind === 'platform').length;
  if (platforms !== 1) findings.add('platform-count', '/parties', 'one party of kind platform', platforms);
}

function checkKeys({ keys }: Blueprint, findings: FileFindings): void {
  findings.unique(
    'key-collision',
    keys.map(({ label }, index) => [`/trees/${index}/label`, label]),
    'a key label',
  );
  const activation = new Set(keys.filter((tree) => tree.usage === 'activation').map((tree) => tree.custodian));
  keys.forEach((tree, index) => {
    // who opens applications on cards must not be able to change their records, and the other way round
    if (tree.usage === 'management' && activation.has(tree.custodian))
      findings.add(
        'custodian-holds-both',
        `/trees/${index}/custodian`,
        'a custodian who holds no activation key',
        tree.custodian,
      );
    tree.dispersion.forEach((level, position) => {
      if (level.factor === 'fixed' && level.value === undefined)
        findings.add(
          'key-factor-missing',
          `/trees/${index}/dispersion/${position}`,
          'a value for a fixed factor',
          'none',
        );
    });
  });
}

function checkCards({ cards, parties, applications }: Blueprint, findings: FileFindings): void {
  const classes = cards.classes.map((cardClass) => cardClass.id);
  const issuers = parties.filter((party) => party.kind === 'issuer').map((party) => party.id);
  const opened = applications.map((application) => application.application);
  for (const key of ['id', 'code'] as const) {
    findings.unique(
      'class-collision',
      cards.classes.map((cardClass, index) => [`/classes/${index}/${key}`, cardClass[key]]),
      `a class ${key}`,
    );
  }
  findings.unique(
    'product-collision',
    cards.products.map(({ id }, index) => [`/products/${index}/id`, id]),
    'a product id',
  );
  cards.products.forEach((product, index) => {
    const path = `/products/${index}`;
    findings.oneOf('product-issuer-unknown', `${path}/issuer`, product.issuer, issuers, 'an issuing bank');
    findings.oneOf('class-unknown', `${path}/cardClass`, product.cardClass, classes, 'a card class');
    product.applications.forEach((id, position) => {
      findings.oneOf('product-application-unknown', `${path}/applications/${position}`, id, opened, 'an application');
    });
    const { balanceFen, balanceLimitFen } = product.electronicCash;
    if (balanceFen > balanceLimitFen)
      findings.add(
        'cash-limits',
        `${path}/electronicCash/balanceFen`,
        `at most the limit ${balanceLimitFen}`,
        balanceFen,
      );
  });
}

/** One application, tariff or network by each name, and one tariff for each mode: a second would replace the first. */
function checkOnePerFile(blueprint: Blueprint, fileOf: (part: object) => string, found: BlueprintFinding[]): void {
  const claims = new Claims(found);
  const once = (parts: readonly (readonly [part: object, name: string])[], path: string, what: string): void => {
    for (const [part, name] of parts) claims.claim('name-collision', fileOf(part), path, name, what);
  };
  const { applications, tariffs, networks, busNetworks } = blueprint;
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
    [...networks, ...busNetworks].map((part) => [part, part.network]),
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
    'terminal-collision',
    profiles.map((id, index) => [`/profiles/${index}/id`, id]),
    'a profile id',
  );
  findings.unique(
    'terminal-collision',
    terminals.terminals.map(({ deviceNo }, index) => [`/terminals/${index}/deviceNo`, deviceNo]),
    'a device number',
  );
  const acquirers = terminals.docking?.acquirers ?? [];
  for (const part of ['id', 'merchants', 'operators'] as const) {
    findings.unique(
      'acquirer-collision',
      acquirers.flatMap((acquirer, index) => {
        const path = `/docking/acquirers/${index}/${part}`;
        const values = acquirer[part] ?? [];
        return typeof values === 'string'
          ? [[path, values] as const]
          : values.map((value, position) => [`${path}/${position}`, value] as const);
      }),
      'an acquirer, its merchants and operators',
    );
  }
  acquirers.forEach((acquirer, index) => {
    acquirer.operators?.forEach((operator, position) => {
      const path = `/docking/acquirers/${index}/operators/${position}`;
      findings.oneOf('terminal-operator-unknown', path, operator, operators, 'an operator');
    });
  });
  terminals.terminals.forEach((terminal, index) => {
    const path = `/terminals/${index}`;
    findings.oneOf('terminal-profile-unknown', `${path}/profile`, terminal.profile, profiles, 'a profile');
    findings.oneOf('terminal-operator-unknown', `${path}/operator`, terminal.operator, operators, 'an operator');
    findings.oneOf('terminal-place-unknown', `${path}/station`, terminal.station, stations, 'a station');
    findings.oneOf('terminal-place-unknown', `${path}/line`, terminal.line, lines, 'a line of a network');
  });
}

function checkDenyLists({ denyLists }: Blueprint, findings: FileFindings): void {
  const reasons = denyLists?.reasons ?? [];
  for (const key of ['id', 'code'] as const) {
    findings.unique(
      'deny-reason-collision',
      reasons.map((reason, index) => [`/reasons/${index}/${key}`, reason[key]]),
      `the ${key} of a reason`,
    );
  }
  reasons.forEach(({ of, lockOnSight }, index) => {
    if (of === 'card' && lockOnSight)
      findings.add('deny-reason-lock', `/reasons/${index}/lockOnSight`, 'false for a reason of whole cards', 'true');
  });
}

function checkSettlement({ settlement }: Blueprint, findings: FileFindings): void {
  findings.unique(
    'fee-collision',
    settlement.fees.map(({ mode }, index) => [`/fees/${index}/mode`, mode]),
    'a mode, in one fee rule,',
  );
  settlement.fees.forEach((fee, index) => {
    const total = fee.shares.reduce((sum, share) => sum + share.percent, 0);
    // percentages may have decimals: 33.3 + 66.7 is 100 but for the last bit of a double
    if (Math.abs(total - 100) > 1e-9)
      findings.add('fee-shares', `/fees/${index}/shares`, 'shares that add up to 100 percent', total);
  });
}
