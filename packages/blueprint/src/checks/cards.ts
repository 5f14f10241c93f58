/** Checks of classes, products and memory: every class has a fare and a review, every product fits its chip. */
import type { Blueprint } from '../blueprint.ts';
import { type BlueprintFinding, FileFindings } from '../findings.ts';
import { memoryNeeded, productMemory } from '../memory.ts';
import type { Application } from '../schema/application.ts';

type FileOf = (part: object) => string;

export function checkClasses({ cards, tariffs }: Blueprint, fileOf: FileOf, findings: FileFindings): void {
  cards.classes.forEach(({ id }, index) => {
    for (const tariff of tariffs) {
      const known = [...tariff.discounts.flatMap(({ cardClasses }) => cardClasses), ...(tariff.fullFareClasses ?? [])];
      if (!known.includes(id))
        findings.add('class-without-tariff', `/classes/${index}/id`, `a class that ${fileOf(tariff)} knows`, id);
    }
  });
}

export function checkFullFares({ cards, tariffs }: Blueprint, fileOf: FileOf, found: BlueprintFinding[]): void {
  const classes = cards.classes.map(({ id }) => id);
  for (const tariff of tariffs) {
    const of = new FileFindings(fileOf(tariff), found);
    tariff.fullFareClasses?.forEach((id, index) => {
      of.oneOf('class-unknown', `/fullFareClasses/${index}`, id, classes, 'a card class');
    });
  }
}

export function checkApplicationClasses(application: Application, blueprint: Blueprint, findings: FileFindings): void {
  const classes = blueprint.cards.classes.map(({ id }) => id);
  application.cardClasses.forEach((entry, index) => {
    const path = `/cardClasses/${index}`;
    findings.oneOf('class-unknown', `${path}/id`, entry.id, classes, 'a card class');
    findings.oneOf('class-unknown', `${path}/lapsesTo`, entry.lapsesTo, classes, 'a card class');
    if (entry.reviewMonths !== undefined && entry.reviewMonths > entry.validMonths)
      findings.add(
        'class-review',
        `${path}/reviewMonths`,
        `at most the validity of ${entry.validMonths}`,
        entry.reviewMonths,
      );
    if (entry.graceDays !== undefined && entry.reviewMonths === undefined)
      findings.add('class-review', `${path}/graceDays`, 'a review that has a grace', 'no reviewMonths');
    if (entry.lapsesTo === entry.id) findings.add('class-review', `${path}/lapsesTo`, 'another class', entry.id);
  });
  findings.unique(
    'class-collision',
    application.cardClasses.map(({ id }, index) => [`/cardClasses/${index}/id`, id]),
    'a class of this application',
  );
  if (application.kind === 'capp') checkClassFields(application, blueprint, findings);
}

/** A field `cardClass` holds the codes of cards.yaml, no more and no less. */
function checkClassFields(
  { files }: Extract<Application, { kind: 'capp' }>,
  { cards }: Blueprint,
  findings: FileFindings,
): void {
  files.forEach((file, index) => {
    file.records.forEach((record, position) => {
      record.fields.forEach((field, at) => {
        if (field.name !== 'cardClass') return;
        const path = `/files/${index}/records/${position}/fields/${at}/values`;
        const values = Object.keys(field.values ?? {});
        for (const { id, code } of cards.classes) {
          if (!values.includes(code))
            findings.add('class-code-unlisted', path, `the code ${code} of ${id}`, 'no such value');
        }
        for (const value of values) {
          if (!cards.classes.some(({ code }) => code === value))
            findings.add('class-code-unlisted', `${path}/${value}`, 'the code of a card class', value);
        }
      });
    });
  });
}

export function checkProducts(blueprint: Blueprint, findings: FileFindings): void {
  const { cards, applications } = blueprint;
  findings.unique(
    'name-collision',
    cards.chips.map(({ id }, index) => [`/chips/${index}/id`, id]),
    'a chip id',
  );
  cards.products.forEach((product, index) => {
    const path = `/products/${index}`;
    const chip = cards.chips.find(({ id }) => id === product.chip);
    findings.oneOf(
      'chip-unknown',
      `${path}/chip`,
      product.chip,
      cards.chips.map(({ id }) => id),
      'a chip',
    );
    const needed = productMemory(blueprint, product);
    if (chip !== undefined && needed > chip.memoryBytes)
      findings.add(
        'memory-beyond-chip',
        `${path}/applications`,
        `at most the ${chip.memoryBytes} bytes of ${chip.id}`,
        `${needed} bytes`,
      );
    for (const id of product.applications) {
      const application = applications.find((candidate) => candidate.application === id);
      if (application?.kind !== 'capp' || application.cardClasses.length === 0) continue;
      if (!application.cardClasses.some((entry) => entry.id === product.cardClass))
        findings.add('product-class', `${path}/cardClass`, `a class that ${id} takes`, product.cardClass);
    }
    const { balanceLimitFen, resetThresholdFen } = product.electronicCash;
    if (resetThresholdFen > balanceLimitFen)
      findings.add(
        'cash-limits',
        `${path}/electronicCash/resetThresholdFen`,
        `at most the limit ${balanceLimitFen}`,
        resetThresholdFen,
      );
  });
}

export function checkMemory(application: Application, findings: FileFindings): void {
  const needed = memoryNeeded(application);
  if (application.memoryBytes < needed)
    findings.add(
      'memory-understated',
      '/memoryBytes',
      `at least the ${needed} bytes its files take`,
      application.memoryBytes,
    );
}

export function checkProvider(application: Application, { parties }: Blueprint, findings: FileFindings): void {
  findings.oneOf(
    'provider-unknown',
    '/provider',
    application.provider,
    parties.map(({ id }) => id),
    'a party',
  );
}

/** A gate knows its station; every mode terminals work in has a tariff. */
export function checkPlaces({ terminals, tariffs }: Blueprint, findings: FileFindings): void {
  const modes = new Set<string>(tariffs.map(({ mode }) => mode));
  terminals.profiles.forEach(({ mode }, index) => {
    findings.oneOf('tariff-missing', `/profiles/${index}/mode`, mode, modes, 'a mode with a tariff');
  });
  terminals.terminals.forEach((terminal, index) => {
    const profile = terminals.profiles.find(({ id }) => id === terminal.profile);
    const isGate = profile?.roles.some((role) => role === 'metro-entry' || role === 'metro-exit') ?? false;
    if (isGate && terminal.station === undefined)
      findings.add('terminal-place-missing', `/terminals/${index}`, 'the station of a gate', 'none');
  });
}

/** A terminal looks a key up by RID and index: one under an index that is taken would put itself in its place. */
export function checkCaKeys({ terminals, cards }: Blueprint, findings: FileFindings): void {
  const { rid, caIndex } = cards.profile;
  const keys = terminals.caKeys ?? [];
  findings.unique(
    'ca-key-collision',
    keys.map((key, index) => [`/caKeys/${index}/index`, `${key.rid} ${key.index}`]),
    'an index of this RID',
  );
  for (const [index, key] of keys.entries()) {
    if (key.rid === rid && key.index === caIndex)
      findings.add('ca-key-collision', `/caKeys/${index}/index`, `another than the region's own ${caIndex}`, key.index);
  }
}
