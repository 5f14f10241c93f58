/** Checks of layouts: fields that neither overlap nor leave bytes unreached, codings that fit, money with a counter. */
import type { FileFindings } from '../findings.ts';
import type { RecordLayout } from '../record-codec.ts';
import type { RecordField } from '../schema/field.ts';

type Layout = RecordLayout & { readonly counter?: string };

const LENGTHS: Readonly<Partial<Record<RecordField['coding'], readonly [least: number, most: number]>>> = {
  datetime: [7, 7],
  date: [4, 4],
  uint: [1, 6],
  sint: [1, 6],
  bcd: [1, 7],
};

/** What a codec needs. `firstOffset` is where fields may begin: behind the ID and length of a variable record. */
export function checkLayout(record: Layout, path: string, firstOffset: number, findings: FileFindings): void {
  const fields = record.fields
    .map((field, index) => ({ field, place: `${path}/fields/${index}` }))
    .sort((a, b) => a.field.offset - b.field.offset);
  let end = firstOffset;
  for (const { field, place } of fields) {
    const fieldEnd = field.offset + field.length;
    if (field.offset < end)
      findings.add(
        'field-overlap',
        `${place}/offset`,
        `an offset from ${end}`,
        `${field.offset} (${field.name} overlaps what is before it)`,
      );
    if (fieldEnd > record.lengthBytes)
      findings.add(
        'field-beyond-record',
        `${place}/length`,
        `an end within ${record.lengthBytes} bytes`,
        `${fieldEnd} (${field.name})`,
      );
    const [least, most] = LENGTHS[field.coding] ?? [1, Number.POSITIVE_INFINITY];
    if (field.length < least || field.length > most) {
      const wanted = least === most ? `${least} bytes` : `${least} to ${most} bytes`;
      findings.add('field-length-coding', `${place}/length`, `${wanted} for coding ${field.coding}`, field.length);
    }
    if (field.initial !== undefined && field.initial.length !== field.length * 2)
      findings.add('field-initial', `${place}/initial`, `${field.length} bytes`, field.initial);
    end = Math.max(end, fieldEnd);
  }
  findings.unique(
    'field-collision',
    record.fields.map(({ name }, index) => [`${path}/fields/${index}/name`, name]),
    'a field name',
  );
}

/** What people need: no byte without a meaning, meanings a field can have, units, counters. */
export function checkMeaning(record: Layout, path: string, firstOffset: number, findings: FileFindings): void {
  checkGaps(record, path, firstOffset, findings);
  record.fields.forEach((field, index) => {
    const place = `${path}/fields/${index}`;
    for (const value of Object.keys(field.values ?? {})) {
      if (value.length !== field.length * 2)
        findings.add('field-value', `${place}/values/${value}`, `${field.length * 2} hexadecimal digits`, value);
    }
    for (const bit of Object.keys(field.bits ?? {})) {
      if (Number(bit) >= field.length * 8)
        findings.add('field-value', `${place}/bits/${bit}`, `a bit from 0 to ${field.length * 8 - 1}`, bit);
    }
    const { initial, values } = field;
    if (initial !== undefined && values !== undefined && initial.length === field.length * 2 && !(initial in values))
      findings.add('field-initial', `${place}/initial`, `one of ${Object.keys(values).join(', ')}`, initial);
    if (field.unit === undefined && isNumber(field) && AMOUNT_NAME.test(field.name))
      findings.add('unit-missing', place, `a unit, since ${field.name} sounds like an amount`, 'none');
  });
  checkCounter(record, path, findings);
}

const AMOUNT_NAME = /(amount|balance|fare|fine|fee|paid|total|limit|deposit|allowance|overdraft)$/i;
const isNumber = ({ coding }: RecordField): boolean => coding === 'uint' || coding === 'sint' || coding === 'bcd';

function checkGaps(record: Layout, path: string, firstOffset: number, findings: FileFindings): void {
  const sorted = [...record.fields].sort((a, b) => a.offset - b.offset);
  let end = firstOffset;
  for (const field of sorted) {
    if (field.offset > end) addGap(end, field.offset);
    end = Math.max(end, field.offset + field.length);
  }
  if (end < record.lengthBytes) addGap(end, record.lengthBytes);

  function addGap(from: number, to: number): void {
    const found = from + 1 === to ? `byte ${from} without one` : `bytes ${from} to ${to - 1} without one`;
    findings.add('field-unreachable', `${path}/fields`, 'a field over every byte of the record', found);
  }
}

function checkCounter(record: Layout, path: string, findings: FileFindings): void {
  const money = record.fields.find(({ unit }) => unit === 'fen');
  if (money === undefined && record.counter === undefined) return;
  if (record.counter === undefined) {
    findings.add('money-without-counter', path, `a counter, since ${money!.name} is money`, 'none');
    return;
  }
  const counter = record.fields.find(({ name }) => name === record.counter);
  if (counter === undefined && record.counter === 'atc') return;
  if (counter === undefined)
    findings.add('money-without-counter', `${path}/counter`, 'a field of the record, or atc', record.counter);
  else if (counter.unit !== 'count' || !isNumber(counter))
    findings.add('money-without-counter', `${path}/counter`, 'a number of unit count', record.counter);
}
