/** A TLV structure as a tree with names and words, for screens and reports. */
import { parseTlv, type TlvNode, toHex } from '@polycard/bytes';
import { decodeValue, maskedHex } from './decode-value.ts';
import { type TwoLanguages, tagName } from './tags.ts';

export interface TlvDescription {
  readonly tag: string;
  readonly name: TwoLanguages;
  readonly lengthBytes: number;
  /** Value as hex, PAN and track 2 masked unless asked otherwise; empty for a template with children. */
  readonly hex: string;
  /** What the value says, where that can be put in words. */
  readonly text?: string;
  readonly children?: readonly TlvDescription[];
}

export interface DescribeOptions {
  /** Show PAN and track 2 in full; only for those whose purpose needs it. */
  readonly unmasked?: boolean;
}

export function describeValue(tag: string, value: Uint8Array, options: DescribeOptions = {}): TlvDescription {
  const hex = options.unmasked === true ? toHex(value) : maskedHex(tag, value);
  const text = decodeValue(tag, value);
  const base = { tag, name: tagName(tag), lengthBytes: value.length, hex };
  return text === undefined ? base : { ...base, text };
}

function describeNode(node: TlvNode, options: DescribeOptions): TlvDescription {
  if (node.children === undefined) return describeValue(node.tag, node.value, options);
  return {
    tag: node.tag,
    name: tagName(node.tag),
    lengthBytes: node.value.length,
    hex: '',
    children: node.children.map((child) => describeNode(child, options)),
  };
}

/** Throws `POLYCARD_TLV_*` or `POLYCARD_BYTES_TRUNCATED` when the bytes are no TLV. */
export function describeTlv(bytes: Uint8Array, options: DescribeOptions = {}): TlvDescription[] {
  return parseTlv(bytes).map((node) => describeNode(node, options));
}
