/** Checks of applications: files and records of their own, fields that neither overlap nor leave the record. */
import type { FileFindings } from './findings.ts';
import type { RecordLayout } from './record-codec.ts';
import type { Application, CappApplication, ExtendedFile, FileApplication } from './schema/application.ts';
import type { KeyTree } from './schema/keys.ts';

/** ID and length byte of a record in a variable file. */
const RECORD_HEADER_BYTES = 3;

export interface Claims {
  /** SFI to the file that has it: applications share one card, so they share its SFIs. */
  readonly sfis: Map<string, string>;
  readonly recordNames: Map<string, string>;
}

export function checkApplication(
  application: Application,
  file: string,
  keys: readonly KeyTree[],
  claims: Claims,
  findings: FileFindings,
): void {
  if (application.kind === 'capp') checkCappApplication(application, file, keys, claims, findings);
  else if (application.kind === 'files') checkFileApplication(application, findings);
}

function checkFileApplication({ files }: FileApplication, findings: FileFindings): void {
  files.forEach((file, index) => {
    const path = `/files/${index}`;
    file.records.forEach((record, recordIndex) => {
      checkFields(record, `${path}/records/${recordIndex}`, 0, findings);
    });
    if (file.type === 'transparent' && file.sizeBytes !== file.records[0]!.lengthBytes)
      findings.add(
        `${path}/sizeBytes`,
        `the length of its layout, ${file.records[0]!.lengthBytes}`,
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
  const labels = (usage: KeyTree['usage']): string[] =>
    keys.filter((tree) => tree.usage === usage).map((tree) => tree.label);
  application.files.forEach((extended, index) => {
    const path = `/files/${index}`;
    const owner = claims.sfis.get(extended.sfi);
    if (owner === undefined) claims.sfis.set(extended.sfi, file);
    else findings.add(`${path}/sfi`, 'an SFI of its own', `${extended.sfi}, which ${owner} has`);
    findings.oneOf(`${path}/activationKey`, extended.activationKey, labels('activation'), 'an activation key');
    checkFileShape(extended, path, findings);
    extended.records.forEach((record, recordIndex) => {
      const recordPath = `${path}/records/${recordIndex}`;
      findings.oneOf(`${recordPath}/managementKey`, record.managementKey, labels('management'), 'a management key');
      const nameOwner = claims.recordNames.get(record.name);
      if (nameOwner === undefined) claims.recordNames.set(record.name, file);
      else findings.add(`${recordPath}/name`, 'a record name of its own', `${record.name}, also in ${nameOwner}`);
      checkFields(record, recordPath, extended.type === 'variable' ? RECORD_HEADER_BYTES : 0, findings);
    });
  });
}

function checkFileShape(
  { type, sizeBytes, recordsMax, records }: ExtendedFile,
  path: string,
  findings: FileFindings,
): void {
  if (type === 'cyclic') {
    if (recordsMax === undefined) findings.add(path, 'recordsMax in a cyclic file', 'none');
    if (records.length > 1) findings.add(`${path}/records`, 'one record layout in a cyclic file', records.length);
    records.forEach(({ recordId }, index) => {
      if (recordId !== undefined)
        findings.add(`${path}/records/${index}/recordId`, 'no recordId in a cyclic file', recordId);
    });
    return;
  }
  records.forEach(({ recordId }, index) => {
    if (recordId === undefined) findings.add(`${path}/records/${index}`, 'a recordId in a variable file', 'none');
  });
  findings.unique(
    records.flatMap(({ recordId }, index) =>
      recordId === undefined ? [] : [[`${path}/records/${index}/recordId`, recordId] as const],
    ),
    'a recordId',
  );
  // the size of a variable file counts record bytes, not keys; 0 is unlimited (observed on a card)
  const needed = records.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  if (sizeBytes !== undefined && sizeBytes !== 0 && needed > sizeBytes)
    findings.add(`${path}/sizeBytes`, `room for its records, ${needed} bytes`, sizeBytes);
}

function checkFields(record: RecordLayout, path: string, firstOffset: number, findings: FileFindings): void {
  const fields = record.fields
    .map((field, index) => ({ field, place: `${path}/fields/${index}` }))
    .sort((a, b) => a.field.offset - b.field.offset);
  let end = firstOffset;
  for (const { field, place } of fields) {
    const fieldEnd = field.offset + field.length;
    if (field.offset < end)
      findings.add(
        `${place}/offset`,
        `an offset from ${end}`,
        `${field.offset} (${field.name} overlaps what is before it)`,
      );
    if (fieldEnd > record.lengthBytes)
      findings.add(`${place}/length`, `an end within ${record.lengthBytes} bytes`, `${fieldEnd} (${field.name})`);
    if (field.coding === 'datetime' && field.length !== 7)
      findings.add(`${place}/length`, '7 bytes for a datetime', field.length);
    if (field.coding === 'date' && field.length !== 4)
      findings.add(`${place}/length`, '4 bytes for a date', field.length);
    if (
      ((field.coding === 'uint' || field.coding === 'sint') && field.length > 6) ||
      (field.coding === 'bcd' && field.length > 7)
    )
      findings.add(`${place}/length`, 'a number that fits a double: uint to 6 bytes, bcd to 7', field.length);
    if (field.initial !== undefined && field.initial.length !== field.length * 2)
      findings.add(`${place}/initial`, `${field.length} bytes`, field.initial);
    end = Math.max(end, fieldEnd);
  }
  findings.unique(
    record.fields.map(({ name }, index) => [`${path}/fields/${index}/name`, name]),
    'a field name',
  );
}
