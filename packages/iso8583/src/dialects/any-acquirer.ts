/**
 * For reading messages of an acquirer nobody described to us: the UnionPay terminal table with every variable length at
 * its widest, and the private field 47 some hosts use. To send, take the acquirer's own table.
 */
import { type FieldSpecification, overrideDialect } from '../field.ts';
import { CUP_TERMINAL } from './cup-terminal.ts';

const WIDEST = { LL: 99, LLL: 999 } as const;

const widened = CUP_TERMINAL.fields.flatMap((row): FieldSpecification[] =>
  row === undefined || row.prefix === 'fixed' ? [] : [{ ...row, length: WIDEST[row.prefix] }],
);

const PRIVATE_47: FieldSpecification = {
  field: 47,
  name: { en: 'Private data', zh: '自定义域' },
  content: 'b',
  encoding: 'raw',
  prefix: 'LLL',
  length: WIDEST.LLL,
  fill: 'right',
};

export const ANY_ACQUIRER = overrideDialect(CUP_TERMINAL, 'terminal of any acquirer', [...widened, PRIVATE_47]);
