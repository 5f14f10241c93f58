/** Who a terminal is on the line: what `polycard terminal enrol` printed, its master key opened under the zone key. */
import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import { checkValue, openKeyBlock } from '@polycard/crypto';

export interface TerminalIdentity {
  readonly terminal: string;
  readonly merchant: string;
  readonly tpdu: Uint8Array;
  readonly header: Uint8Array;
  /** 16 bytes. */
  readonly masterKey: Uint8Array;
  /** To begin with, 6 digits. */
  readonly batch: string;
  readonly operatorCode: string;
}

export interface EnrolmentFile {
  readonly terminal: string;
  readonly merchant: string;
  readonly tpdu: string;
  readonly header: string;
  readonly masterKey: string;
  readonly kcv?: string;
  readonly host?: string;
  readonly port?: number;
  readonly batch?: string;
  readonly operatorCode?: string;
  readonly zmkFile?: string;
}

const FORMS: Readonly<Record<string, RegExp>> = {
  terminal: /^.{8}$/,
  merchant: /^.{15}$/,
  tpdu: /^[0-9A-Fa-f]{10}$/,
  header: /^\d{12}$/,
  masterKey: /^[ABCD]\d{4}/,
};

const wrong = (where: string, expected: string): PolycardError =>
  new PolycardError('POLYCARD_CONFORM_ENROLMENT', `the enrolment has no ${where} that could be used`, {
    where,
    expected,
  });

/** Throws `POLYCARD_CONFORM_ENROLMENT` naming the field. */
export function parseEnrolment(text: string): EnrolmentFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong('JSON', 'what polycard terminal enrol --json prints');
  }
  const fields = (value ?? {}) as Record<string, unknown>;
  for (const [name, form] of Object.entries(FORMS)) {
    if (typeof fields[name] !== 'string' || !form.test(fields[name])) throw wrong(name, String(form));
  }
  return value as EnrolmentFile;
}

/** Throws `POLYCARD_KEY_BLOCK` when the block does not open under this zone key. */
export function identityOf(enrolment: EnrolmentFile, zoneKey: Uint8Array): TerminalIdentity {
  const { key } = openKeyBlock(zoneKey, enrolment.masterKey);
  if (key.length !== 16) throw wrong('masterKey', 'a double-length key');
  const kcv = toHex(checkValue('3DES', key, 3));
  if (enrolment.kcv !== undefined && !kcv.startsWith(enrolment.kcv.toUpperCase().slice(0, 6)))
    throw wrong('kcv', `${kcv}, the check value of the key inside`);
  return {
    ...{ terminal: enrolment.terminal, merchant: enrolment.merchant },
    ...{
      tpdu: fromHex(enrolment.tpdu.toUpperCase()),
      header: fromHex(enrolment.header),
      masterKey: Uint8Array.from(key),
    },
    ...{ batch: enrolment.batch ?? '000001', operatorCode: enrolment.operatorCode ?? '0000' },
  };
}
