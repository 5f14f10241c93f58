/**
 * CA keys and AID parameters (reference iso8583.md §1.7): a list query tells what there is, then each object is fetched
 * by its name. Objects are TLV; an AID has no fixed length, so a list is walked, never cut by size.
 *
 * Query (0820 372/382): `1` ‖ 2-digit count held already. Answer: `0` none, `1` all here, `2` more, `3` last page ‖ names.
 * Download (0800 370/380): the name's TLV. Answer: `1` ‖ TLV of the object, or `0` when it is not there.
 */
import { concat, encodeTlv, parseTlv, type TlvNode } from '@polycard/bytes';
import { messageError } from '../errors.ts';
import { fixedDigits, latin1, TextCursor } from './text-fields.ts';

/** RID (9F06) and index (9F22) of a CA key, or an AID (9F06) alone; a CA key in a list also states its expiry (DF05). */
export type ObjectName = ReadonlyMap<string, Uint8Array>;

export interface ObjectListAnswer {
  readonly status: 'none' | 'all' | 'more' | 'last';
  readonly names: readonly ObjectName[];
}

const STATUS = { '0': 'none', '1': 'all', '2': 'more', '3': 'last' } as const;
const FIRST_TAG_OF_NAME = '9F06';

export function encodeObjectListQuery(countHeld: number): Uint8Array {
  return latin1(`1${fixedDigits('F62', countHeld, 2)}`);
}

export function parseObjectListQuery(bytes: Uint8Array): number {
  const cursor = new TextCursor('F62', bytes);
  cursor.oneOf({ '1': true }, 'list query');
  const count = cursor.number(2, 'count held');
  cursor.end('the query');
  return count;
}

export function encodeObjectListAnswer({ status, names }: ObjectListAnswer): Uint8Array {
  const code = Object.entries(STATUS).find(([, name]) => name === status)![0];
  return concat(latin1(code), ...names.map(encodeObject));
}

export function parseObjectListAnswer(bytes: Uint8Array): ObjectListAnswer {
  const cursor = new TextCursor('F62', bytes);
  const status = cursor.oneOf(STATUS, 'list status');
  const names: Map<string, Uint8Array>[] = [];
  for (const node of nodesOf(cursor.bytes(cursor.remaining, 'names'))) {
    if (node.tag === FIRST_TAG_OF_NAME) names.push(new Map());
    const current = names.at(-1);
    if (current === undefined) throw messageError('FIELD_VALUE', 'F62', 1, `tag ${FIRST_TAG_OF_NAME} first`, node.tag);
    current.set(node.tag, node.value);
  }
  return { status, names };
}

export function encodeObject(object: ObjectName): Uint8Array {
  return concat(...[...object].map(([tag, value]) => encodeTlv(tag, value)));
}

/** The object, or undefined when the host has none of that name. */
export function parseObjectAnswer(bytes: Uint8Array): ObjectName | undefined {
  const cursor = new TextCursor('F62', bytes);
  if (cursor.oneOf({ '0': 'absent', '1': 'here' } as const, 'object status') === 'absent') return undefined;
  return new Map(nodesOf(cursor.bytes(cursor.remaining, 'object')).map((node) => [node.tag, node.value]));
}

export function encodeObjectAnswer(object: ObjectName | undefined): Uint8Array {
  return object === undefined ? latin1('0') : concat(latin1('1'), encodeObject(object));
}

/** The name a download asks for. */
export function parseObjectName(bytes: Uint8Array): ObjectName {
  const name = new Map(nodesOf(bytes).map((node) => [node.tag, node.value]));
  if (!name.has(FIRST_TAG_OF_NAME))
    throw messageError('FIELD_VALUE', 'F62', 0, `tag ${FIRST_TAG_OF_NAME}`, 'no such tag');
  return name;
}

function nodesOf(bytes: Uint8Array): TlvNode[] {
  return parseTlv(bytes, 'F62');
}
