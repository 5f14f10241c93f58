/**
 * Acquirers' variants. What an acquirer does otherwise than the UnionPay terminal dialect is a table: rows of fields that
 * replace or add to it, the kind of MAC, the sign-ins it takes. Data, so that a blueprint can hold it.
 */
import { type Dialect, type FieldSpecification, overrideDialect } from '../field.ts';
import type { MacKind } from '../mac.ts';
import { CUP_TERMINAL } from './cup-terminal.ts';

/** A row by its usual kind; what is left out stays as it is in the UnionPay table. */
export interface FieldOverride {
  readonly field: number;
  readonly content?: FieldSpecification['content'];
  readonly encoding?: FieldSpecification['encoding'];
  readonly prefix?: FieldSpecification['prefix'];
  readonly length?: number;
  readonly fill?: FieldSpecification['fill'];
  readonly name?: FieldSpecification['name'];
}

export interface AcquirerRows {
  readonly id: string;
  readonly macKind?: MacKind;
  /** 60.3 of the sign-ins it takes; all when left out. */
  readonly signIns?: readonly string[];
  readonly fields?: readonly FieldOverride[];
}

export interface Acquirer {
  readonly id: string;
  readonly dialect: Dialect;
  readonly macKind: MacKind;
  readonly signIns: readonly string[];
  /** Bytes of a DES MAC key. */
  readonly macKeyBytes: 8 | 16;
}

const ALL_SIGN_INS = ['001', '003', '004', '005', '006'];
const NEW_ROW: Omit<FieldSpecification, 'field' | 'length'> = {
  ...{ name: { en: 'Private data', zh: '自定义域' }, content: 'b', encoding: 'raw', prefix: 'LLL', fill: 'right' },
};

export function compileAcquirer({
  id,
  macKind = 'cup-ecb',
  signIns = ALL_SIGN_INS,
  fields = [],
}: AcquirerRows): Acquirer {
  const rows = fields.map((row): FieldSpecification => {
    const base = CUP_TERMINAL.fields[row.field];
    return { ...NEW_ROW, length: 999, ...base, ...row };
  });
  return {
    ...{ id, macKind, signIns },
    dialect: rows.length === 0 ? CUP_TERMINAL : overrideDialect(CUP_TERMINAL, `terminal of ${id}`, rows),
    macKeyBytes: macKind === 'x9.19' ? 16 : 8,
  };
}

/** Where nothing else is said. */
export const UNIONPAY_ACQUIRER = compileAcquirer({ id: 'unionpay' });
