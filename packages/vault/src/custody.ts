/**
 * A vault under custody: every call states which keys it uses and for what, is refused when whoever acts has no right
 * to that tree, and is recorded before its result leaves. Activation and management are different rights: opening an
 * application needs the activation right and uses the management key only wrapped under the opening key, inside the one
 * operation `activate`; nothing else can be done with it by that right, nor with the activation key by the other.
 *
 * Acts that change keys (made, taken in, a state) are recorded before they are done, and a second time if they fail.
 * Calls that answer at once (sealing a column, a token) cannot wait for a record: they are counted, inside a span whose
 * opening was recorded before, and the count is recorded soon after.
 */
import { PolycardError } from '@polycard/bytes';
import { type KeyRight, type KeySpecification, keyName, rightTo } from './key-model.ts';
import { recordsIn } from './software/adopted-keys.ts';
import type { Vault } from './vault.ts';

export interface KeyUse {
  readonly label: string;
  /** In words of the operation: `activate`, `verify-cryptogram`. */
  readonly use: string;
  readonly right: KeyRight;
  /** Cards, terminals or messages in this batch. */
  readonly count: number;
  /** Cryptograms of the batch that were not right. */
  readonly failed?: number;
}

export interface Custody {
  /** Rights of whoever acts now; `undefined` is the platform itself. */
  rights(): ReadonlySet<KeyRight> | undefined;
  /** Writes the entries; while this fails, nothing leaves the vault. `refused` is the error's code. */
  record(uses: readonly KeyUse[], refused?: string): Promise<void>;
  /** Notes uses that cannot wait; throws when no span is open for them, or earlier ones could not be recorded. */
  count(uses: readonly KeyUse[]): void;
}

type Method = { [M in keyof Vault]: Vault[M] extends (...args: never[]) => unknown ? M : never }[keyof Vault];
type Arguments<M extends Method> = Vault[M] extends (...args: infer A) => unknown ? A : never;
type Rule<M extends Method> =
  /** Touches no key, or only says what is known of one. */
  | 'open'
  | { readonly recorded: (args: Arguments<M>, vault: Vault) => readonly KeyUse[] | Promise<readonly KeyUse[]> }
  /** Changes keys: recorded first. */
  | { readonly announced: (args: Arguments<M>, vault: Vault) => readonly KeyUse[] | Promise<readonly KeyUse[]> }
  | { readonly counted: (args: Arguments<M>) => readonly KeyUse[] };

const one = (label: string, use: string, right: KeyRight, count = 1): KeyUse[] => [{ label, use, right, count }];
const onNamed =
  (use: string) =>
  async ([name]: readonly [name: string, ...rest: readonly unknown[]], vault: Vault) => {
    const { usage } = await vault.show(name);
    return one(name, use, rightTo(usage));
  };

/** What each operation uses; a new one does not compile before it is decided here. */
const RULES: { readonly [M in Method]: Rule<M> } = {
  capabilities: 'open',
  list: 'open',
  show: 'open',
  rsaPublicKey: 'open',
  sm2PublicKey: 'open',
  close: 'open',
  ensure: { announced: ([specification], vault) => generations([specification], vault) },
  ensureAll: { announced: ([specifications], vault) => generations(specifications, vault) },
  adopt: {
    announced: async ([{ document }], vault) => {
      const known = new Set((await vault.list()).map(keyName));
      return recordsIn(document)
        .filter((record) => !known.has(keyName(record)))
        .flatMap((record) => one(keyName(record), 'adopt', rightTo(record.usage)));
    },
  },
  generate: { announced: ([{ label, usage }]) => one(label, 'generate', rightTo(usage)) },
  importComponents: {
    announced: ([{ label, usage }, components]) => one(label, 'import-components', rightTo(usage), components.length),
  },
  changeState: {
    announced: async ([name, to], vault) => one(name, `change-state ${to}`, rightTo((await vault.show(name)).usage)),
  },
  rotate: { announced: onNamed('rotate') },
  disperse: { recorded: onNamed('show-dispersed') },
  exportKeys: {
    recorded: async ([exported, { zoneId }], vault) => {
      const keys = await Promise.all(exported.map(({ name }) => vault.show(name)));
      return [
        ...keys.flatMap(({ usage }, index) => one(exported[index]!.name, 'export', rightTo(usage))),
        ...one(`zone:${zoneId}`, 'export', 'zones', exported.length),
      ];
    },
  },
  importKeys: {
    announced: ([{ keys }, { zoneId, expected, onlyJudged }]) => [
      ...expected.flatMap(({ label, usage }) => one(label, onlyJudged ? 'judge' : 'import', rightTo(usage))),
      ...one(`zone:${zoneId}`, onlyJudged ? 'judge' : 'import', 'zones', keys.length),
    ],
  },
  checkReceipt: {
    recorded: ([, receipt, zoneId]) => one(`zone:${zoneId}`, 'check-receipt', 'zones', receipt.keys.length),
  },
  openZone: { announced: ([zoneId]) => one(`zone:${zoneId}`, 'agree', 'zones') },
  issueCardKeys: {
    recorded: ([{ ac, mac, enc }, , cards]) =>
      [ac, mac, enc].map((label) => ({ label, use: 'disperse', right: 'issuer', count: cards.length })),
  },
  issueOpeningKeys: {
    recorded: ([label, , factors]) => one(label, 'disperse-opening-key', 'activation', factors.length),
  },
  activate: {
    recorded: ([activation, management, requests]) => [
      ...one(activation, 'activate', 'activation', requests.length),
      ...one(management, 'wrap-under-opening-key', 'activation', requests.length),
    ],
  },
  activateApplication: {
    recorded: ([opening, { keys }]) => [
      ...one(opening, 'activate-application', 'activation'),
      ...keys.flatMap(({ label }) => one(label, 'wrap-under-opening-key', 'activation')),
    ],
  },
  replaceManagementKeys: {
    recorded: ([activation, management, requests]) => [
      ...one(activation, 'replace-management-key', 'activation', requests.length),
      ...one(management, 'wrap-under-opening-key', 'activation', requests.length),
    ],
  },
  updateRecords: { recorded: ([label, requests]) => one(label, 'update-record', 'management', requests.length) },
  issuePsamKey: { recorded: ([label]) => one(label, 'issue-psam-key', 'management') },
  issueTerminalMasterKey: { recorded: ([zoneId]) => one(`zone:${zoneId}`, 'issue-terminal-master-key', 'terminals') },
  takeZoneKey: {
    announced: ([zoneId, underZoneId]) => [
      ...one(`zone:${underZoneId}`, 'take-zone-key', 'zones'),
      ...one(`zone:${zoneId}`, 'import', 'zones'),
    ],
  },
  issueTerminalKeyBlock: { recorded: ([zoneId]) => one(`zone:${zoneId}`, 'issue-terminal-master-key', 'terminals') },
  issueWorkingKeys: { recorded: () => one('platform:data-at-rest', 'issue-working-keys', 'terminals') },
  verifyCryptograms: {
    recorded: ([checks]) =>
      [...Map.groupBy(checks, ({ label }) => label)].flatMap(([label, group]) =>
        one(label, 'verify-cryptogram', 'issuer', group.length),
      ),
  },
  answerCryptograms: { recorded: ([label, answers]) => one(label, 'answer-cryptogram', 'issuer', answers.length) },
  scriptMacs: { recorded: ([label, requests]) => one(label, 'script-mac', 'issuer', requests.length) },
  encipherScriptData: { recorded: ([label, requests]) => one(label, 'encipher-script', 'issuer', requests.length) },
  signList: { recorded: ([label]) => one(label, 'sign-deny-list', 'data') },
  terminalSession: { counted: () => one('platform:data-at-rest', 'open-working-keys', 'terminals') },
  certificateSigner: { counted: ([label]) => one(label, 'sign-certificates', 'issuer') },
  sealForZone: { counted: ([zoneId]) => one(`zone:${zoneId}`, 'seal', 'zones') },
  seal: { counted: ([, context]) => one('platform:data-at-rest', `seal ${context.split(':')[0]}`, 'data') },
  open: { counted: ([, context]) => one('platform:data-at-rest', `open ${context.split(':')[0]}`, 'data') },
  token: { counted: () => one('platform:card-token', 'token', 'data') },
};

/** Keys that would be made: those not there yet whose algorithm the back end has. */
async function generations(specifications: readonly KeySpecification[], vault: Vault): Promise<KeyUse[]> {
  const known = new Set((await vault.list()).map(({ label }) => label));
  const lacking = new Set(
    vault
      .capabilities()
      .abilities.filter(({ supported }) => !supported)
      .map(({ name }) => name),
  );
  return specifications
    .filter(({ label, algorithm }) => !known.has(label) && !lacking.has(algorithm))
    .flatMap(({ label, usage }) => one(label, 'generate', rightTo(usage)));
}

/** The same vault, every call checked and recorded. */
export function underCustody(vault: Vault, custody: Custody): Vault {
  return new Proxy(vault, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const method = value.bind(target) as (...args: unknown[]) => unknown;
      const rule = RULES[name as Method] as Rule<Method> | undefined;
      if (rule === undefined || rule === 'open') return method;
      if ('announced' in rule) {
        return async (...args: unknown[]) =>
          announced(() => method(...args), await rule.announced(args as never, target), custody);
      }
      if ('recorded' in rule) {
        return async (...args: unknown[]) =>
          recorded(() => method(...args), await rule.recorded(args as never, target), custody, args[0]);
      }
      return (...args: unknown[]) => {
        const uses = rule.counted(args as never);
        custody.count(uses);
        const refusal = refusalFor(custody.rights(), uses);
        if (refusal !== undefined) throw refusal;
        return method(...args);
      };
    },
  });
}

async function announced(method: () => unknown, uses: readonly KeyUse[], custody: Custody): Promise<unknown> {
  const refusal = refusalFor(custody.rights(), uses);
  if (uses.length > 0) await custody.record(uses, refusal?.code);
  if (refusal !== undefined) throw refusal;
  try {
    return await method();
  } catch (error) {
    if (uses.length > 0) await custody.record(uses, error instanceof PolycardError ? error.code : 'POLYCARD_INTERNAL');
    throw error;
  }
}

async function recorded(
  method: () => unknown,
  uses: readonly KeyUse[],
  custody: Custody,
  batch: unknown,
): Promise<unknown> {
  const refusal = refusalFor(custody.rights(), uses);
  if (refusal !== undefined) {
    await custody.record(uses, refusal.code);
    throw refusal;
  }
  let result: unknown;
  try {
    result = await method();
  } catch (error) {
    await custody.record(uses, error instanceof PolycardError ? error.code : 'POLYCARD_INTERNAL');
    throw error;
  }
  if (uses.length > 0) await custody.record(withFailures(uses, batch, result));
  return result;
}

/** A batch of verdicts says how many were no, for each key. */
function withFailures(uses: readonly KeyUse[], checks: unknown, result: unknown): readonly KeyUse[] {
  const verdicts = result as readonly { readonly verified?: boolean }[];
  if (!Array.isArray(result) || !Array.isArray(checks) || verdicts[0]?.verified === undefined) return uses;
  const labels = checks as readonly { readonly label: string }[];
  return uses.map((use) => ({
    ...use,
    failed: verdicts.filter(({ verified }, index) => verified === false && labels[index]!.label === use.label).length,
  }));
}

function refusalFor(rights: ReadonlySet<KeyRight> | undefined, uses: readonly KeyUse[]): PolycardError | undefined {
  const missing = rights === undefined ? undefined : uses.find(({ right }) => !rights.has(right));
  if (missing === undefined) return undefined;
  return new PolycardError(
    'POLYCARD_VAULT_RIGHT',
    `${missing.use} with ${missing.label} needs the right to ${missing.right} keys`,
    { where: missing.label, expected: `the right ${missing.right}` },
  );
}
