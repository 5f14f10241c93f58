/** Checks across files: every name that is used exists, records do not overlap or collide, shares add up. */
import type { Blueprint } from './blueprint.ts';
import type { BlueprintFinding } from './load.ts';
import type { RecordSpecification } from './schema/application.ts';

export function checkReferences(blueprint: Blueprint): BlueprintFinding[] {
  const findings: BlueprintFinding[] = [];
  const expectOneOf = (file: string, path: string, value: string, known: Iterable<string>, what: string): void => {
    const names = [...known];
    if (!names.includes(value))
      findings.push({ file, path, expected: `${what} (${names.slice(0, 12).join(', ')})`, found: value });
  };
  const unique = (file: string, path: string, values: readonly string[], what: string): void => {
    const seen = new Set<string>();
    values.forEach((value, index) => {
      if (seen.has(value))
        findings.push({ file, path: `${path}/${index}`, expected: `${what} used once`, found: `${value} again` });
      seen.add(value);
    });
  };
  const { parties, keys, cards, applications, tariffs, networks, terminals, settlement, manifest } = blueprint;
  const classes = cards.classes.map((cardClass) => cardClass.id);
  const cities = manifest.cities.map((city) => city.id);
  const lines = networks.flatMap((network) => network.lines.map((line) => line.id));
  const stations = networks.flatMap((network) => network.stations.map((station) => station.id));

  unique(
    'parties.yaml',
    '/parties',
    parties.map((party) => party.id),
    'a party id',
  );
  unique(
    'parties.yaml',
    '/parties',
    parties.map((party) => party.code),
    'a party code',
  );
  unique(
    'keys.yaml',
    '/trees',
    keys.map((tree) => tree.label),
    'a key label',
  );
  unique(
    'cards.yaml',
    '/products',
    cards.products.map((product) => product.id),
    'a product id',
  );
  parties.forEach((party, index) => {
    const path = `/parties/${index}`;
    if (party.city !== undefined)
      expectOneOf('parties.yaml', `${path}/city`, party.city, cities, 'a city of blueprint.yaml');
    for (const line of party.lines ?? [])
      expectOneOf('parties.yaml', `${path}/lines`, line, lines, 'a line of a network');
    if (party.kind === 'issuer' && party.issuer === undefined) {
      findings.push({
        file: 'parties.yaml',
        path,
        expected: 'issuer data (bin, panDigits, derivationKeyIndex)',
        found: 'none',
      });
    }
  });
  cards.products.forEach((product, index) => {
    const path = `/products/${index}`;
    const issuers = parties.filter((party) => party.kind === 'issuer').map((party) => party.id);
    expectOneOf('cards.yaml', `${path}/issuer`, product.issuer, issuers, 'an issuing bank');
    expectOneOf('cards.yaml', `${path}/cardClass`, product.cardClass, classes, 'a card class');
    for (const id of product.applications) {
      expectOneOf(
        'cards.yaml',
        `${path}/applications`,
        id,
        applications.map((application) => application.application),
        'an application',
      );
    }
    const cash = product.electronicCash;
    if (cash.balanceFen > cash.balanceLimitFen) {
      findings.push({
        file: 'cards.yaml',
        path: `${path}/electronicCash/balanceFen`,
        expected: `at most the limit ${cash.balanceLimitFen}`,
        found: String(cash.balanceFen),
      });
    }
  });
  checkApplications(blueprint, findings, expectOneOf);
  for (const tariff of tariffs) {
    const file = `tariffs/${tariff.mode}.yaml`;
    if (tariff.baseFare.kind === 'distance') {
      expectOneOf(
        file,
        '/baseFare/network',
        tariff.baseFare.network,
        networks.map((network) => network.network),
        'a network',
      );
    }
    for (const discount of tariff.discounts) {
      for (const id of discount.cardClasses)
        expectOneOf(file, `/discounts/${discount.id}`, id, classes, 'a card class');
    }
    for (const id of tariff.transfer?.cardClasses ?? [])
      expectOneOf(file, '/transfer/cardClasses', id, classes, 'a card class');
  }
  for (const network of networks) {
    const known = new Set(network.stations.map((station) => station.id));
    unique(
      `networks/${network.network}.yaml`,
      '/stations',
      network.stations.map((station) => station.code),
      'a station code',
    );
    for (const line of network.lines) {
      for (const station of line.stations)
        expectOneOf(`networks/${network.network}.yaml`, `/lines/${line.id}`, station, known, 'a station');
    }
  }
  terminals.terminals.forEach((terminal, index) => {
    const path = `/terminals/${index}`;
    expectOneOf(
      'terminals.yaml',
      `${path}/profile`,
      terminal.profile,
      terminals.profiles.map((profile) => profile.id),
      'a profile',
    );
    expectOneOf(
      'terminals.yaml',
      `${path}/operator`,
      terminal.operator,
      parties.map((party) => party.id),
      'a party',
    );
    if (terminal.station !== undefined)
      expectOneOf('terminals.yaml', `${path}/station`, terminal.station, stations, 'a station');
  });
  settlement.fees.forEach((fee, index) => {
    const total = fee.shares.reduce((sum, share) => sum + share.percent, 0);
    if (total !== 100)
      findings.push({
        file: 'settlement.yaml',
        path: `/fees/${index}/shares`,
        expected: 'shares that add up to 100 percent',
        found: String(total),
      });
  });
  return findings;
}

function checkApplications(
  { applications, keys }: Blueprint,
  findings: BlueprintFinding[],
  expectOneOf: (file: string, path: string, value: string, known: Iterable<string>, what: string) => void,
): void {
  const labels = (usage: string): string[] => keys.filter((tree) => tree.usage === usage).map((tree) => tree.label);
  const files = new Map<string, string>();
  const names = new Map<string, string>();
  for (const application of applications) {
    const file = `applications/${application.application}.yaml`;
    application.files.forEach((extended, index) => {
      const path = `/files/${index}`;
      const owner = files.get(extended.sfi);
      if (owner !== undefined)
        findings.push({
          file,
          path: `${path}/sfi`,
          expected: 'an SFI of its own',
          found: `${extended.sfi}, which ${owner} has`,
        });
      files.set(extended.sfi, file);
      expectOneOf(file, `${path}/activationKey`, extended.activationKey, labels('activation'), 'an activation key');
      const ids = new Set<string>();
      extended.records.forEach((record, recordIndex) => {
        const recordPath = `${path}/records/${recordIndex}`;
        expectOneOf(
          file,
          `${recordPath}/managementKey`,
          record.managementKey,
          labels('management'),
          'a management key',
        );
        if (extended.type === 'variable' && record.recordId === undefined) {
          findings.push({ file, path: recordPath, expected: 'a recordId in a variable file', found: 'none' });
        }
        if (record.recordId !== undefined && ids.has(record.recordId)) {
          findings.push({ file, path: recordPath, expected: 'a recordId used once', found: record.recordId });
        }
        ids.add(record.recordId ?? '');
        const nameOwner = names.get(record.name);
        if (nameOwner !== undefined)
          findings.push({
            file,
            path: `${recordPath}/name`,
            expected: 'a record name of its own',
            found: `${record.name}, also in ${nameOwner}`,
          });
        names.set(record.name, file);
        checkFields(file, recordPath, record, extended.type === 'variable' ? 3 : 0, findings);
      });
    });
  }
}

function checkFields(
  file: string,
  path: string,
  record: RecordSpecification,
  firstOffset: number,
  findings: BlueprintFinding[],
): void {
  const fields = record.fields
    .map((field, index) => ({ field, index }))
    .sort((a, b) => a.field.offset - b.field.offset);
  let end = firstOffset;
  for (const { field, index } of fields) {
    const place = `${path}/fields/${index}`;
    if (field.offset < end) {
      findings.push({
        file,
        path: `${place}/offset`,
        expected: `an offset from ${end}`,
        found: `${field.offset} (${field.name} overlaps what is before it)`,
      });
    }
    if (field.offset + field.length > record.lengthBytes) {
      findings.push({
        file,
        path: `${place}/length`,
        expected: `an end within ${record.lengthBytes} bytes`,
        found: `${field.offset + field.length} (${field.name})`,
      });
    }
    if (field.coding === 'datetime' && field.length !== 7) {
      findings.push({ file, path: `${place}/length`, expected: '7 bytes for a datetime', found: String(field.length) });
    }
    if (field.initial !== undefined && field.initial.length !== field.length * 2) {
      findings.push({ file, path: `${place}/initial`, expected: `${field.length} bytes`, found: field.initial });
    }
    end = field.offset + field.length;
  }
  const names = record.fields.map((field) => field.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    findings.push({ file, path: `${path}/fields`, expected: 'field names used once', found: twice });
}
