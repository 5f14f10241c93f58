/** Checks of the files of applications that codecs and cards rely on: SFIs and names of their own, layouts that hold. */
import { RECORD_HEADER_BYTES } from './checks/applications.ts';
import { checkLayout } from './checks/layout.ts';
import type { Claims, FileFindings } from './findings.ts';
import type { Application, CappApplication, ExtendedFile, FileApplication } from './schema/application.ts';
import type { KeyTree } from './schema/keys.ts';

export function checkApplication(
  application: Application,
  file: string,
  keys: readonly KeyTree[],
  claims: Claims,
  findings: FileFindings,
): void {
  switch (application.kind) {
    case 'capp':
      checkCappApplication(application, file, keys, claims, findings);
      return;
    case 'files':
      checkFileApplication(application, findings);
      return;
    case 'financial':
      application.files.forEach((own, index) => {
        (own.records ?? []).forEach((record, position) => {
          checkLayout(record, `/files/${index}/records/${position}`, 0, findings);
        });
      });
  }
}

function checkFileApplication({ files }: FileApplication, findings: FileFindings): void {
  files.forEach((file, index) => {
    const path = `/files/${index}`;
    file.records.forEach((record, position) => {
      checkLayout(record, `${path}/records/${position}`, 0, findings);
    });
    const layout = file.records[0]!;
    if (file.type === 'transparent' && file.sizeBytes !== layout.lengthBytes)
      findings.add(
        'file-size',
        `${path}/sizeBytes`,
        `the length of its layout, ${layout.lengthBytes}`,
        file.sizeBytes ?? 'none',
      );
  });
}

function checkCappApplication(
  application: CappApplication,
  file: string,
  keys: readonly KeyTree[],
  claims: Claims,
  findings: FileFindings,
): void {
  const checkKey = (path: string, label: string, usage: KeyTree['usage']): void => {
    const tree = keys.find((candidate) => candidate.label === label);
    if (tree === undefined) findings.add('key-unknown', path, `a key tree for ${usage}`, label);
    else if (tree.usage !== usage)
      findings.add('key-usage', path, `a key tree for ${usage}`, `${label}, for ${tree.usage}`);
  };
  application.files.forEach((extended, index) => {
    const path = `/files/${index}`;
    // applications share one card, so they share its SFIs
    claims.claim('sfi-collision', file, `${path}/sfi`, extended.sfi, 'an SFI');
    checkKey(`${path}/activationKey`, extended.activationKey, 'activation');
    checkFileShape(extended, path, findings);
    extended.records.forEach((record, position) => {
      const place = `${path}/records/${position}`;
      checkKey(`${place}/managementKey`, record.managementKey, 'management');
      claims.claim('record-name-collision', file, `${place}/name`, record.name, 'a record name');
      checkLayout(record, place, extended.type === 'variable' ? RECORD_HEADER_BYTES : 0, findings);
    });
  });
}

function checkFileShape(
  { type, sizeBytes, recordsMax, records }: ExtendedFile,
  path: string,
  findings: FileFindings,
): void {
  if (type === 'cyclic') {
    if (recordsMax === undefined) findings.add('record-count-missing', path, 'recordsMax in a cyclic file', 'none');
    if (records.length > 1)
      findings.add('file-layouts', `${path}/records`, 'one record layout in a cyclic file', records.length);
    records.forEach(({ recordId }, index) => {
      if (recordId !== undefined)
        findings.add(
          'record-id-misplaced',
          `${path}/records/${index}/recordId`,
          'no recordId in a cyclic file',
          recordId,
        );
    });
    return;
  }
  records.forEach(({ recordId }, index) => {
    if (recordId === undefined)
      findings.add('record-id-misplaced', `${path}/records/${index}`, 'a recordId in a variable file', 'none');
  });
  findings.unique(
    'record-id-collision',
    records.flatMap(({ recordId }, index) =>
      recordId === undefined ? [] : [[`${path}/records/${index}/recordId`, recordId] as const],
    ),
    'a recordId',
  );
  // the size of a variable file counts record bytes, not keys; 0 is unlimited (observed on a card)
  const needed = records.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  if (sizeBytes !== undefined && sizeBytes !== 0 && needed > sizeBytes)
    findings.add('file-size', `${path}/sizeBytes`, `room for its records, ${needed} bytes`, sizeBytes);
}
