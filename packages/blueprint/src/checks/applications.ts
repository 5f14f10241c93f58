/** Checks across applications: identifiers that collide on one card, files and records of each kind. */
import type { Blueprint } from '../blueprint.ts';
import { financialApplication } from '../blueprint.ts';
import { type BlueprintFinding, Claims, FileFindings } from '../findings.ts';
import type { CappApplication, FileApplication, FinancialApplication, FinancialData } from '../schema/application.ts';
import type { DataElement } from '../schema/field.ts';
import { checkMeaning } from './layout.ts';

/** ID and length byte of a record in a variable file. */
export const RECORD_HEADER_BYTES = 3;
/** READ RECORD and UPDATE RECORD with a short length field. */
const APDU_BYTES_MAX = 255;

type FileOf = (part: object) => string;
type Part = Blueprint['applications'][number];

export function checkIdentifiers(blueprint: Blueprint, fileOf: FileOf, found: BlueprintFinding[]): void {
  const { applications, cards } = blueprint;
  const financial = financialApplication(blueprint);
  const own = applications.filter(({ kind }) => kind !== 'capp');
  const claims = new Claims(found);
  own.forEach((application, index) => {
    const file = fileOf(application);
    claims.claim('aid-collision', file, '/aid', application.aid, 'an AID');
    for (const before of own.slice(0, index)) {
      const [shorter, longer] = [before, application].sort((a, b) => a.aid.length - b.aid.length) as [Part, Part];
      if (shorter.aid === longer.aid || !longer.aid.startsWith(shorter.aid)) continue;
      new FileFindings(fileOf(longer), found).add(
        'aid-prefix',
        '/aid',
        `no beginning in common with ${fileOf(shorter)}, which has ${shorter.aid}`,
        longer.aid,
      );
    }
  });
  if (financial !== undefined && cards.profile.aid !== financial.aid)
    new FileFindings('cards.yaml', found).add('aid-profile', '/profile/aid', financial.aid, cards.profile.aid);
  for (const application of applications) {
    const file = fileOf(application);
    const financialAid = financial?.aid ?? cards.profile.aid;
    if (application.kind === 'capp' && application.aid !== financialAid) {
      const code = own.some(({ aid }) => aid === application.aid) ? 'aid-collision' : 'capp-aid';
      new FileFindings(file, found).add(code, '/aid', `the financial application's ${financialAid}`, application.aid);
    }
    if ('industry' in application)
      claims.claim('industry-collision', file, '/industry', application.industry, 'an industry code');
    if (application.kind === 'capp') claimRecordIds(application, file, claims);
  }
}

function claimRecordIds({ files }: CappApplication, file: string, claims: Claims): void {
  files.forEach((extended, index) => {
    extended.records.forEach(({ recordId }, position) => {
      if (recordId === undefined) return;
      const place = `/files/${index}/records/${position}/recordId`;
      claims.claim('record-id-collision', file, place, recordId, 'a record ID');
    });
  });
}

export function checkCappMeaning({ files }: CappApplication, findings: FileFindings): void {
  files.forEach((file, index) => {
    file.records.forEach((record, position) => {
      const first = file.type === 'variable' ? RECORD_HEADER_BYTES : 0;
      checkMeaning(record, `/files/${index}/records/${position}`, first, findings);
    });
  });
}

export function checkFileMeaning({ files }: FileApplication, findings: FileFindings): void {
  for (const key of ['sfi', 'fid'] as const) {
    findings.unique(
      key === 'sfi' ? 'sfi-collision' : 'fid-collision',
      files.map((file, index) => [`/files/${index}/${key}`, file[key]]),
      key === 'sfi' ? 'an SFI' : 'a file identifier',
    );
  }
  findings.unique(
    'record-name-collision',
    files.flatMap((file, index) =>
      file.records.map(({ name }, position) => [`/files/${index}/records/${position}/name`, name] as const),
    ),
    'a record name',
  );
  files.forEach((file, index) => {
    const path = `/files/${index}`;
    const layout = file.records[0]!;
    if (file.records.length > 1)
      findings.add('file-layouts', `${path}/records`, 'one layout in this file', file.records.length);
    if (file.type !== 'transparent') {
      if (file.recordsMax === undefined)
        findings.add('record-count-missing', path, `recordsMax in a ${file.type} file`, 'none');
      if (layout.lengthBytes > APDU_BYTES_MAX)
        findings.add(
          'record-beyond-apdu',
          `${path}/records/0/lengthBytes`,
          `at most ${APDU_BYTES_MAX}`,
          layout.lengthBytes,
        );
    }
    file.records.forEach((record, position) => {
      checkMeaning(record, `${path}/records/${position}`, 0, findings);
    });
  });
}

export function checkFinancialMeaning(application: FinancialApplication, findings: FileFindings): void {
  const { files, data } = application;
  findings.unique(
    'sfi-collision',
    files.map(({ sfi }, index) => [`/files/${index}/sfi`, sfi]),
    'an SFI',
  );
  const elements: (readonly [path: string, element: DataElement | FinancialData])[] = [
    ...data.map((element, index) => [`/data/${index}`, element] as const),
    ...files.flatMap((file, index) =>
      (file.tlvRecords ?? []).flatMap((record, position) =>
        record.elements.map(
          (element, at) => [`/files/${index}/tlvRecords/${position}/elements/${at}`, element] as const,
        ),
      ),
    ),
  ];
  findings.unique('tag-collision', tagClaims(elements), 'a tag');
  for (const [path, { constant, appendWithSm4 = '', length }] of elements) {
    if (constant !== undefined && constant.length + appendWithSm4.length > length * 2)
      findings.add('constant-length', `${path}/constant`, `at most ${length} bytes`, constant + appendWithSm4);
  }
  if (data.some(({ unit }) => unit === 'fen') && !data.some(({ unit }) => unit === 'count'))
    findings.add('money-without-counter', '/data', 'a data object of unit count, such as the ATC', 'none');
  files.forEach((file, index) => {
    if (file.type === 'cyclic' && file.recordsMax === undefined)
      findings.add('record-count-missing', `/files/${index}`, 'recordsMax in a cyclic file', 'none');
    (file.records ?? []).forEach((record, position) => {
      checkMeaning(record, `/files/${index}/records/${position}`, 0, findings);
    });
  });
}

/**
 * Tags that may be used once. FCI and GPO answers (groupings 9xxx) have a grouping for each interface and path: the same
 * data object, by its name, may be in several of them, once in each.
 */
function tagClaims(
  elements: readonly (readonly [path: string, element: DataElement | FinancialData])[],
): (readonly [path: string, claim: string])[] {
  const answer = (element: DataElement | FinancialData): string | undefined =>
    'dgi' in element && element.dgi.startsWith('9') ? element.dgi : undefined;
  const elsewhere = new Set(elements.filter(([, element]) => answer(element) === undefined).map(([, { tag }]) => tag));
  const nameOf = new Map(elements.toReversed().map(([, { tag, name }]) => [tag, name]));
  return elements.map(([path, element]) => {
    const { tag, name } = element;
    const grouping = answer(element);
    const isShared = grouping !== undefined && !elsewhere.has(tag) && nameOf.get(tag) === name;
    return [`${path}/tag`, isShared ? `${tag} in ${grouping}` : tag];
  });
}
