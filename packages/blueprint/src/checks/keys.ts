/** Checks of keys: owners, usages, references, algorithms, diversification, life cycles under the right key. */
import type { Blueprint } from '../blueprint.ts';
import { applicationKeys } from '../blueprint.ts';
import type { FileFindings } from '../findings.ts';
import type { Application, ApplicationKeyUse, FileApplication } from '../schema/application.ts';
import type { KeyTree, KeyTreeUsage } from '../schema/keys.ts';

const TREE_USAGE: Readonly<Record<ApplicationKeyUse, KeyTreeUsage>> = {
  activation: 'activation',
  management: 'management',
  authentication: 'authentication',
  'internal-authentication': 'authentication',
  'secure-messaging': 'secure-messaging',
  'transaction-proof': 'transaction-proof',
  'data-protection': 'data-protection',
  'pin-unblock': 'pin-unblock',
  lock: 'lock',
};

const CARD_FACTORS = new Set([
  ...['pan-rightmost-16', 'emv-option-a', 'application-serial', 'meter-number', 'card-uid'],
]);

export function checkKeyTrees({ keys, custodians, parties, applications }: Blueprint, findings: FileFindings): void {
  const owners = ['issuers', 'platform', ...parties.map(({ id }) => id)];
  findings.unique(
    'custodian-collision',
    custodians.map(({ id }, index) => [`/custodians/${index}/id`, id]),
    'a custodian',
  );
  custodians.forEach(({ party }, index) => {
    findings.oneOf('custodian-unknown-party', `/custodians/${index}/party`, party, owners, 'a party');
  });
  const used = new Set(applications.flatMap(applicationKeys));
  const opening = new Set(keys.filter(({ usage }) => usage === 'activation').map(({ custodian }) => custodian));
  keys.forEach((tree, index) => {
    const path = `/trees/${index}`;
    findings.oneOf(
      'key-unowned',
      `${path}/custodian`,
      tree.custodian,
      custodians.map(({ id }) => id),
      'a custodian of the list',
    );
    // management keys are checked by the loader already
    if (tree.usage !== 'activation' && tree.usage !== 'management' && opening.has(tree.custodian))
      findings.add(
        'custodian-holds-both',
        `${path}/custodian`,
        'a custodian who holds no activation key',
        tree.custodian,
      );
    if (!tree.dispersion.some(({ factor }) => CARD_FACTORS.has(factor)))
      findings.add('key-not-diversified', `${path}/dispersion`, 'a level that differs from card to card', 'none');
    if (!used.has(tree.label))
      findings.add('key-unused', `${path}/label`, 'a key that an application names', tree.label);
  });
}

export function checkApplicationKeys(application: Application, keys: readonly KeyTree[], findings: FileFindings): void {
  const trees = new Map(keys.map((tree) => [tree.label, tree]));
  const algorithms = new Set(applicationKeys(application).map((label) => trees.get(label)?.algorithm));
  algorithms.delete(undefined);
  if (algorithms.size > 1)
    findings.add('key-algorithm-mixed', '', 'keys of one algorithm', [...algorithms].join(' and '));
  if (application.kind === 'files') checkFileKeys(application, trees, findings);
  if (application.kind === 'financial') {
    application.keys.forEach(({ label }, index) => {
      findings.oneOf('key-unknown', `/keys/${index}/label`, label, trees.keys(), 'a key tree');
    });
  }
  checkLifeCycle(application, trees, findings);
}

function checkFileKeys(
  { keys, activationKey, managementKey }: FileApplication,
  trees: ReadonlyMap<string, KeyTree>,
  findings: FileFindings,
): void {
  findings.unique(
    'key-reference-collision',
    keys.flatMap(({ reference }, index) =>
      reference === undefined ? [] : [[`/keys/${index}/reference`, reference] as const],
    ),
    'a key reference',
  );
  keys.forEach(({ label, use }, index) => {
    const tree = trees.get(label);
    if (tree === undefined) findings.add('key-unknown', `/keys/${index}/label`, 'a key tree of keys.yaml', label);
    else if (tree.usage !== TREE_USAGE[use])
      findings.add('key-usage', `/keys/${index}/label`, `a tree for ${TREE_USAGE[use]}`, `${label}, for ${tree.usage}`);
  });
  for (const [property, label] of Object.entries({ activationKey, managementKey })) {
    const use = property === 'activationKey' ? 'activation' : 'management';
    const key = keys.find((candidate) => candidate.label === label);
    if (key === undefined) findings.add('key-unknown', `/${property}`, 'a key of the application', label);
    else if (key.use !== use) findings.add('key-usage', `/${property}`, `a key for ${use}`, `${label}, for ${key.use}`);
  }
}

function checkLifeCycle(application: Application, trees: ReadonlyMap<string, KeyTree>, findings: FileFindings): void {
  const { initial, states, transitions } = application.lifeCycle;
  const known = states.map(({ id }) => id);
  for (const key of ['id', 'code'] as const) {
    findings.unique(
      'state-collision',
      states.map((state, index) => [`/lifeCycle/states/${index}/${key}`, state[key]]),
      `a state ${key}`,
    );
  }
  findings.oneOf('state-unknown', '/lifeCycle/initial', initial, known, 'a state');
  const held = applicationKeys(application);
  transitions.forEach(({ from, to, key }, index) => {
    const path = `/lifeCycle/transitions/${index}`;
    findings.oneOf('state-unknown', `${path}/from`, from, known, 'a state');
    findings.oneOf('state-unknown', `${path}/to`, to, known, 'a state');
    if (key === undefined) return;
    findings.oneOf('life-cycle-key', `${path}/key`, key, held, 'a key of the application');
    if (application.kind === 'financial') return;
    const opens = trees.get(key)?.usage === 'activation';
    if (opens !== (from === initial)) {
      const expected =
        from === initial ? 'the activation key, since this opens' : 'no activation key, since this is opened';
      findings.add('life-cycle-key', `${path}/key`, expected, key);
    }
  });
  const reached = new Set([initial]);
  for (let before = 0; before !== reached.size; ) {
    before = reached.size;
    for (const { from, to } of transitions) if (reached.has(from)) reached.add(to);
  }
  states.forEach(({ id }, index) => {
    if (!reached.has(id))
      findings.add(
        'state-unreachable',
        `/lifeCycle/states/${index}/id`,
        `a command that leads to it from ${initial}`,
        id,
      );
  });
}
