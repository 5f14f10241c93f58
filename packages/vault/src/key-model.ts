/**
 * The key model: what is fixed when a key is made, the life it lives, and which operation asks for what. Everything
 * here is data and pure rules, so that both back ends refuse the same things in the same words.
 */
import { PolycardError } from '@polycard/bytes';
import type { Algorithm } from '@polycard/crypto';

export type KeyAlgorithm = Algorithm | 'RSA' | 'AES' | 'SM2';

export type KeyUsage =
  | 'application-cryptogram'
  | 'script-mac'
  | 'script-encryption'
  | 'activation'
  | 'management'
  | 'authentication'
  | 'secure-messaging'
  | 'transaction-proof'
  | 'data-protection'
  | 'pin-unblock'
  | 'lock'
  | 'certificate-authority'
  | 'issuer-certificate'
  /** RSA: terminals believe the deny lists it signed. */
  | 'list-signature'
  | 'data-at-rest'
  | 'card-token'
  | 'zone'
  /** SM2: keys for us are enciphered under its public half. */
  | 'envelope';

/**
 * What may be done with a key of its usage, fixed at creation. `disperse`: card and PSAM keys below it are made for
 * their holders; `verify`: cryptograms are recomputed; `mac`: commands for cards are authenticated; `encipher`: card
 * data are enciphered; `wrap`: other keys are enciphered under it; `sign`: certificates; `seal`: data at rest, tokens.
 */
export type ModeOfUse = 'disperse' | 'verify' | 'mac' | 'encipher' | 'wrap' | 'sign' | 'seal';

/** `none`: nothing made from it leaves as a key; `dispersed`: keys below it leave enciphered; `key-block`: it may itself. */
export type Exportability = 'none' | 'dispersed' | 'key-block';

export type KeyState = 'generated' | 'active' | 'suspended' | 'retired' | 'destroyed';

/** Trees of keys a person can have a right to. */
export type KeyRight = 'activation' | 'management' | 'issuer' | 'terminals' | 'zones' | 'data';

const RIGHTS: Readonly<Record<KeyUsage, KeyRight>> = {
  activation: 'activation',
  management: 'management',
  authentication: 'management',
  'secure-messaging': 'management',
  'transaction-proof': 'management',
  'data-protection': 'management',
  'pin-unblock': 'management',
  lock: 'management',
  'application-cryptogram': 'issuer',
  'script-mac': 'issuer',
  'script-encryption': 'issuer',
  'issuer-certificate': 'issuer',
  'certificate-authority': 'issuer',
  zone: 'zones',
  envelope: 'zones',
  'list-signature': 'data',
  'data-at-rest': 'data',
  'card-token': 'data',
};

/** The right that a key of this usage asks for. */
export const rightTo = (usage: KeyUsage): KeyRight => RIGHTS[usage];

/** Keys that a zone's transport key may carry, by their tree. `terminals`: terminal master keys. */
export type CarriedTree = 'activation' | 'management' | 'issuer' | 'terminals';

export type KeyOrigin = 'generated' | 'components' | 'key-block' | 'agreed';

/** What may be known about a key: everything but the key. */
export interface KeyInfo {
  readonly label: string;
  /** 1 and up; each version is a key of its own. */
  readonly version: number;
  /** Index by which cards and PSAMs name the version (DKI in 9F10, key index of a PSAM), 0 to 255. */
  readonly index: number;
  readonly usage: KeyUsage;
  readonly modes: readonly ModeOfUse[];
  readonly algorithm: KeyAlgorithm;
  readonly bits: number;
  readonly owner: string;
  /** Zones only: trees whose keys travel under it; never activation and management both. */
  readonly carries?: readonly CarriedTree[];
  readonly exportability: Exportability;
  readonly origin: KeyOrigin;
  /** Used outside these, a key is refused. ISO 8601 instants. */
  readonly validFrom?: string;
  readonly validUntil?: string;
  readonly state: KeyState;
  readonly stateSince: string;
  /** A retired key still verifies, and still serves terminals, until then. */
  readonly overlapEndsAt?: string;
  /**
   * Check value, 3 bytes: of a zero block under the key (3DES, SM4, AES), of HMAC-SHA-256 over it (card tokens), of
   * SHA-256 over the public key (RSA, SM2).
   */
  readonly checkValue: string;
  readonly createdAt: string;
}

export interface KeySpecification {
  readonly label: string;
  readonly usage: KeyUsage;
  readonly algorithm: KeyAlgorithm;
  readonly owner: string;
  /** Zones only, and always for these. */
  readonly carries?: readonly CarriedTree[];
  /** RSA only. */
  readonly bits?: number;
  /** Unless given: the version's number less one. */
  readonly index?: number;
  /** Unless given: everything the usage knows. */
  readonly modes?: readonly ModeOfUse[];
  readonly exportability?: Exportability;
  readonly validFrom?: string;
  readonly validUntil?: string;
}

/** What each usage may do, and what may leave, unless the specification narrows it. */
const USAGE_RULES: Readonly<
  Record<KeyUsage, { readonly modes: readonly ModeOfUse[]; readonly exportability: Exportability }>
> = {
  'application-cryptogram': { modes: ['disperse', 'verify'], exportability: 'dispersed' },
  'script-mac': { modes: ['disperse', 'mac'], exportability: 'dispersed' },
  'script-encryption': { modes: ['disperse', 'encipher'], exportability: 'dispersed' },
  activation: { modes: ['disperse', 'wrap', 'mac'], exportability: 'dispersed' },
  management: { modes: ['disperse'], exportability: 'dispersed' },
  authentication: { modes: ['disperse'], exportability: 'dispersed' },
  'secure-messaging': { modes: ['disperse', 'mac', 'encipher'], exportability: 'dispersed' },
  'transaction-proof': { modes: ['disperse', 'verify'], exportability: 'dispersed' },
  'data-protection': { modes: ['disperse', 'mac', 'verify'], exportability: 'dispersed' },
  'pin-unblock': { modes: ['disperse', 'mac', 'encipher'], exportability: 'dispersed' },
  lock: { modes: ['disperse', 'mac'], exportability: 'dispersed' },
  'certificate-authority': { modes: ['sign'], exportability: 'none' },
  'issuer-certificate': { modes: ['sign'], exportability: 'none' },
  'list-signature': { modes: ['sign'], exportability: 'none' },
  'data-at-rest': { modes: ['seal'], exportability: 'none' },
  'card-token': { modes: ['seal'], exportability: 'none' },
  zone: { modes: ['wrap'], exportability: 'none' },
  envelope: { modes: ['wrap'], exportability: 'none' },
};

/**
 * The fixed attributes of a new key. Throws `POLYCARD_VAULT_MODE` for a mode that the usage does not know and
 * `POLYCARD_VAULT_ZONE` for a transport key that would carry nothing, or both halves to one receiver.
 */
export function fixedAttributes(specification: KeySpecification): {
  modes: readonly ModeOfUse[];
  exportability: Exportability;
} {
  requireOneHalf(specification);
  const rules = USAGE_RULES[specification.usage];
  const modes = specification.modes ?? rules.modes;
  const foreign = modes.find((mode) => !rules.modes.includes(mode));
  if (foreign !== undefined || modes.length === 0) {
    throw new PolycardError(
      'POLYCARD_VAULT_MODE',
      `a key for ${specification.usage} cannot be made to ${foreign ?? 'do nothing'}`,
      { where: specification.label, expected: rules.modes.join(', ') },
    );
  }
  const exportability = specification.exportability ?? rules.exportability;
  if (
    exportability === 'key-block' &&
    (['RSA', 'SM2'].includes(specification.algorithm) || rules.modes.includes('seal'))
  ) {
    throw new PolycardError('POLYCARD_VAULT_EXPORT', `a key for ${specification.usage} never leaves the vault`, {
      where: specification.label,
      expected: 'exportability none or dispersed',
    });
  }
  return { modes, exportability };
}

function requireOneHalf({ label, usage, carries = [] }: KeySpecification): void {
  const fault =
    usage !== 'zone'
      ? carries.length > 0 && `a key for ${usage} carries no other keys`
      : carries.length === 0
        ? 'a transport key states what it carries'
        : carries.includes('activation') &&
          carries.includes('management') &&
          'one transport key for activation and management would give its receiver both halves';
  if (fault !== false)
    throw new PolycardError('POLYCARD_VAULT_ZONE', fault, {
      where: label,
      expected: 'activation or management (never both), issuer, terminals',
    });
}

/** Throws `POLYCARD_VAULT_ZONE` when a zone's transport key was not made to carry keys of this tree. */
export function requireCarries(zone: KeyInfo, tree: CarriedTree): void {
  const carries = zone.carries ?? [];
  if (carries.includes(tree)) return;
  throw new PolycardError(
    'POLYCARD_VAULT_ZONE',
    `${zone.label} carries ${carries.join(', ') || 'nothing'}: ${tree} keys do not go to its receiver`,
    { where: zone.label, expected: `a zone opened for ${tree} keys` },
  );
}

export const requireCarriesUsage = (zone: KeyInfo, usage: KeyUsage): void =>
  requireCarries(zone, rightTo(usage) as CarriedTree);

const TRANSITIONS: Readonly<Record<KeyState, readonly KeyState[]>> = {
  generated: ['active', 'destroyed'],
  active: ['suspended', 'retired'],
  suspended: ['active', 'retired'],
  retired: ['destroyed'],
  destroyed: [],
};

/** Throws `POLYCARD_VAULT_STATE` when a key's life does not go that way. */
export function requireTransition(key: KeyInfo, to: KeyState): void {
  const allowed = TRANSITIONS[key.state];
  if (allowed.includes(to)) return;
  throw new PolycardError('POLYCARD_VAULT_STATE', `${keyName(key)} is ${key.state} and cannot become ${to}`, {
    where: keyName(key),
    expected: allowed.length === 0 ? 'nothing more: it is destroyed' : allowed.join(' or '),
  });
}

export interface OperationRule {
  readonly usages: readonly KeyUsage[];
  readonly mode: ModeOfUse;
  /** Whether a retired key still serves in its overlap window. */
  readonly inOverlap: boolean;
}

/** What the vault does with keys, by meaning; each asks for a usage and a mode. */
export const OPERATION = {
  issueCardKeys: (usage: KeyUsage): OperationRule => ({ usages: [usage], mode: 'disperse', inOverlap: false }),
  issueOpeningKeys: { usages: ['activation'], mode: 'disperse', inOverlap: false },
  openApplication: { usages: ['activation'], mode: 'wrap', inOverlap: false },
  installManagementKey: { usages: ['management'], mode: 'disperse', inOverlap: false },
  /** Whatever an industry application keeps on the card beside its opening key. */
  installApplicationKey: {
    usages: ['management', 'authentication', 'secure-messaging', 'transaction-proof', 'pin-unblock', 'lock'],
    mode: 'disperse',
    inOverlap: false,
  },
  updateRecord: { usages: ['management'], mode: 'disperse', inOverlap: true },
  issuePsamKey: { usages: ['management'], mode: 'disperse', inOverlap: true },
  verifyCryptogram: { usages: ['application-cryptogram'], mode: 'verify', inOverlap: true },
  answerCryptogram: { usages: ['application-cryptogram'], mode: 'verify', inOverlap: true },
  scriptMac: { usages: ['script-mac'], mode: 'mac', inOverlap: true },
  scriptEncryption: { usages: ['script-encryption'], mode: 'encipher', inOverlap: true },
  exportKey: {
    usages: ['application-cryptogram', 'script-mac', 'script-encryption', 'activation', 'management'],
    mode: 'disperse',
    inOverlap: false,
  },
  openEnvelope: { usages: ['envelope'], mode: 'wrap', inOverlap: true },
  wrapForZone: { usages: ['zone'], mode: 'wrap', inOverlap: false },
  signCertificate: { usages: ['certificate-authority', 'issuer-certificate'], mode: 'sign', inOverlap: false },
  signList: { usages: ['list-signature'], mode: 'sign', inOverlap: false },
  sealData: { usages: ['data-at-rest'], mode: 'seal', inOverlap: true },
  cardToken: { usages: ['card-token'], mode: 'seal', inOverlap: false },
  showDispersed: {
    usages: ['application-cryptogram', 'script-mac', 'script-encryption', 'activation', 'management'],
    mode: 'disperse',
    inOverlap: true,
  },
} as const satisfies Record<string, OperationRule | ((usage: KeyUsage) => OperationRule)>;

/** Why a key may not be used for an operation at a time; undefined when it may. */
export function refusal(key: KeyInfo, rule: OperationRule, now: string): PolycardError | undefined {
  if (!rule.usages.includes(key.usage)) {
    return new PolycardError(
      'POLYCARD_VAULT_USAGE',
      `key ${key.label} is for ${key.usage}, not for ${rule.usages.join(' or ')}`,
      { where: key.label, expected: rule.usages.join(' or ') },
    );
  }
  if (!key.modes.includes(rule.mode)) {
    return new PolycardError('POLYCARD_VAULT_MODE', `${keyName(key)} was made to ${key.modes.join(', ')} only`, {
      where: keyName(key),
      expected: `a key made to ${rule.mode}`,
    });
  }
  if (key.validFrom !== undefined && now < key.validFrom) {
    return new PolycardError('POLYCARD_VAULT_VALIDITY', `${keyName(key)} is valid from ${key.validFrom}`, {
      where: keyName(key),
      expected: 'a use within its validity',
    });
  }
  if (key.validUntil !== undefined && now >= key.validUntil) {
    return new PolycardError('POLYCARD_VAULT_VALIDITY', `${keyName(key)} was valid until ${key.validUntil}`, {
      where: keyName(key),
      expected: 'a use within its validity',
    });
  }
  if (key.state === 'active') return undefined;
  if (key.state === 'destroyed') {
    return new PolycardError('POLYCARD_VAULT_KEY_DESTROYED', `${keyName(key)} was destroyed`, {
      where: keyName(key),
      expected: 'a key that is active',
    });
  }
  const overlaps = key.state === 'retired' && key.overlapEndsAt !== undefined && now < key.overlapEndsAt;
  if (rule.inOverlap && overlaps) return undefined;
  const reason =
    key.state === 'retired' && key.overlapEndsAt !== undefined && !overlaps
      ? `is retired, its overlap ended ${key.overlapEndsAt}`
      : `is ${key.state}`;
  return new PolycardError('POLYCARD_VAULT_STATE', `${keyName(key)} ${reason}`, {
    where: keyName(key),
    expected: rule.inOverlap ? 'active, or retired within its overlap' : 'active',
  });
}

/** `label#version`, as errors, CLI and callers name one version of a key. */
export const keyName = (key: Pick<KeyInfo, 'label' | 'version'>): string => `${key.label}#${key.version}`;

/** A label, or `label#version`. Throws `POLYCARD_VAULT_NAME`. */
export function parseKeyName(name: string): { readonly label: string; readonly version: number | undefined } {
  const match = /^([^#]+)(?:#([1-9]\d{0,5}))?$/.exec(name);
  if (match === null) {
    throw new PolycardError('POLYCARD_VAULT_NAME', `${name} names no key`, {
      where: name,
      expected: 'LABEL or LABEL#VERSION',
    });
  }
  return { label: match[1]!, version: match[2] === undefined ? undefined : Number(match[2]) };
}
