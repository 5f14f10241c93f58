/** Checks of access conditions: keys and PIN that exist, used for what they are, personal data behind authentication. */
import { type AccessRule, type AccessTerm, parseAccessCondition } from '../access-condition.ts';
import type { FileFindings } from '../findings.ts';
import type { FileAccess } from '../schema/access.ts';
import type {
  Application,
  ApplicationKeyUse,
  CappApplication,
  FileApplication,
  FinancialApplication,
} from '../schema/application.ts';
import type { RecordField } from '../schema/field.ts';

/** What a condition may name, and what for. */
interface Holder {
  readonly useOf: ReadonlyMap<string, ApplicationKeyUse | 'script'>;
  readonly hasPin: boolean;
}

const ALLOWED: Readonly<Record<'auth' | 'mutual' | 'mac' | 'enc', readonly (ApplicationKeyUse | 'script')[]>> = {
  auth: ['authentication', 'management', 'activation'],
  mutual: ['authentication', 'management'],
  mac: ['secure-messaging', 'script', 'management', 'activation', 'lock', 'pin-unblock'],
  enc: ['secure-messaging', 'script', 'management', 'activation', 'pin-unblock'],
};

/** Field names that are personal data wherever they stand. */
const PERSONAL_NAME =
  /^(holderName|fullName|surname|givenName|name|sex|gender|ethnicGroup|nationality|birthDate|dateOfBirth|identityNumber|idNumber|passportNumber|address\d*|homeAddress|phone\d*|mobile|email|photo|fingerprint|licenceNumber|plate|vin|contact\d*(Name|Phone)|diagnosis\d*|bloodAbo|bloodRh|maritalStatus|occupation|education)$/;

export function checkAccess(application: Application, findings: FileFindings): void {
  const holder = holderOf(application);
  switch (application.kind) {
    case 'capp':
      checkCapp(application, holder, findings);
      return;
    case 'files':
      checkFiles(application, holder, findings);
      return;
    case 'financial':
      checkFinancial(application, holder, findings);
  }
}

function holderOf(application: Application): Holder {
  switch (application.kind) {
    case 'capp': {
      const uses = new Map<string, ApplicationKeyUse>();
      for (const file of application.files) {
        uses.set(file.activationKey, 'activation');
        for (const record of file.records) uses.set(record.managementKey, 'management');
      }
      return { useOf: uses, hasPin: false };
    }
    case 'files':
      return {
        useOf: new Map(
          application.keys.flatMap(({ label, reference, use }) =>
            reference === undefined ? [] : [[label, use] as const],
          ),
        ),
        hasPin: application.pin !== undefined,
      };
    case 'financial':
      return {
        useOf: new Map(application.keys.map(({ label }) => [label, 'script'] as const)),
        hasPin: application.pin !== undefined,
      };
  }
}

function checkCapp({ files }: CappApplication, holder: Holder, findings: FileFindings): void {
  files.forEach((file, index) => {
    const path = `/files/${index}/access`;
    checkConditions(file.access, path, holder, findings);
    const expected: FileAccess = {
      read: file.access.read,
      update: `mac(${file.records[0]!.managementKey})`,
      append: `enc(${file.activationKey})`,
    };
    for (const operation of ['update', 'append'] as const) {
      if (file.access[operation] !== expected[operation])
        findings.add('capp-access', `${path}/${operation}`, expected[operation]!, file.access[operation] ?? 'none');
    }
    for (const [position, { fields }] of file.records.entries())
      checkPersonal(fields, file.access, `/files/${index}`, `/files/${index}/records/${position}`, findings);
  });
}

function checkFiles({ files, pin, keys }: FileApplication, holder: Holder, findings: FileFindings): void {
  if (pin?.unblockKey !== undefined && !keys.some(({ label }) => label === pin.unblockKey))
    findings.add('access-key-unknown', '/pin/unblockKey', 'a key of the application', pin.unblockKey);
  files.forEach((file, index) => {
    const path = `/files/${index}`;
    checkConditions(file.access, `${path}/access`, holder, findings);
    if (file.access.read === 'never' && file.access.readPart === undefined)
      findings.add('file-unreadable', `${path}/access/read`, 'somebody who may read it', 'never');
    for (const operation of ['update', 'append'] as const)
      checkProtected(file.access[operation], `${path}/access/${operation}`, findings);
    for (const [position, { fields }] of file.records.entries())
      checkPersonal(fields, file.access, path, `${path}/records/${position}`, findings);
  });
}

function checkFinancial({ files, data }: FinancialApplication, holder: Holder, findings: FileFindings): void {
  files.forEach((file, index) => {
    checkConditions(file.access, `/files/${index}/access`, holder, findings);
    checkProtected(file.access.update, `/files/${index}/access/update`, findings);
    const isOpen = !isAuthenticated(parse(file.access.read));
    const personal = (file.tlvRecords ?? []).flatMap(({ elements }) => elements).find((element) => element.personal);
    if (isOpen && personal !== undefined)
      findings.add('personal-data-free', `/files/${index}/access/read`, wanted(personal.name), file.access.read);
  });
  data.forEach((element, index) => {
    const path = `/data/${index}`;
    checkCondition(element.read, `${path}/read`, holder, findings);
    checkCondition(element.update, `${path}/update`, holder, findings);
    checkProtected(element.update, `${path}/update`, findings);
    if (element.personal !== undefined && !isAuthenticated(parse(element.read)))
      findings.add('personal-data-free', `${path}/read`, wanted(element.name), element.read);
  });
}

function checkConditions(access: FileAccess, path: string, holder: Holder, findings: FileFindings): void {
  for (const operation of ['read', 'update', 'append'] as const) {
    const condition = access[operation];
    if (condition !== undefined) checkCondition(condition, `${path}/${operation}`, holder, findings);
  }
  if (access.readPart !== undefined)
    checkCondition(access.readPart.condition, `${path}/readPart/condition`, holder, findings);
}

function checkCondition(text: string, path: string, { useOf, hasPin }: Holder, findings: FileFindings): void {
  for (const term of parse(text).anyOf.flat()) {
    if (term.kind === 'pin' && !hasPin) findings.add('access-pin-missing', path, 'a PIN of the application', 'none');
    if (!('key' in term)) continue;
    const use = useOf.get(term.key);
    if (use === undefined)
      findings.oneOf('access-key-unknown', path, term.key, useOf.keys(), 'a key of the application');
    else if (!ALLOWED[term.kind].includes(use))
      findings.add(
        'access-key-use',
        path,
        `${term.kind} with a key for ${ALLOWED[term.kind].join(' or ')}`,
        `${term.key}, for ${use}`,
      );
  }
}

function checkProtected(text: string | undefined, path: string, findings: FileFindings): void {
  if (text === undefined || text === 'never') return;
  const bare = parse(text).anyOf.find((terms) => !terms.some(({ kind }) => kind === 'mac' || kind === 'enc'));
  if (bare !== undefined) findings.add('update-unprotected', path, 'mac(KEY) or enc(KEY) in every alternative', text);
}

/** `readPart` opens the first bytes of each record: personal data there need authentication as well. */
function checkPersonal(
  fields: readonly RecordField[],
  access: FileAccess,
  filePath: string,
  recordPath: string,
  findings: FileFindings,
): void {
  fields.forEach((field, index) => {
    if (field.personal === undefined && PERSONAL_NAME.test(field.name))
      findings.add(
        'personal-data-unmarked',
        `${recordPath}/fields/${index}`,
        `personal, since it is ${field.name}`,
        'no mark',
      );
  });
  const personal = fields.find((field) => field.personal !== undefined || PERSONAL_NAME.test(field.name));
  if (personal !== undefined && !isAuthenticated(parse(access.read)))
    findings.add('personal-data-free', `${filePath}/access/read`, wanted(personal.name), access.read);
  const { readPart } = access;
  const early = fields.find((field) => field.personal !== undefined && field.offset < (readPart?.bytes ?? 0));
  if (readPart !== undefined && early !== undefined && !isAuthenticated(parse(readPart.condition)))
    findings.add('personal-data-free', `${filePath}/access/readPart/condition`, wanted(early.name), readPart.condition);
}

const wanted = (name: string): string => `authentication or PIN in every alternative, since ${name} is personal`;
const AUTHENTICATES = new Set<AccessTerm['kind']>(['pin', 'auth', 'mutual', 'enc', 'never']);
const isAuthenticated = ({ anyOf }: AccessRule): boolean =>
  anyOf.every((terms) => terms.some(({ kind }) => AUTHENTICATES.has(kind)));

/** Text the schema refused already holds for nobody. */
function parse(text: string): AccessRule {
  try {
    return parseAccessCondition(text);
  } catch {
    return { anyOf: [[{ kind: 'never' }]] };
  }
}
