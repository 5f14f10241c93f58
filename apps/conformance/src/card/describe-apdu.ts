/** APDUs for the evidence: account numbers masked, names and identity numbers hidden. */
import { maskPan, parseTlv, type TlvNode, toHex } from '@polycard/bytes';

const ACCOUNT_TAGS = new Set(['57', '5A', '9F6B']);
/** Cardholder name, its extension, identity number. */
const PERSONAL_TAGS = new Set(['5F20', '9F0B', '9F61']);

/** A command, or a response with its status word. */
export function describeApdu(bytes: Uint8Array): string {
  let text = toHex(bytes);
  for (const { tag, value } of leaves(bytes)) {
    const hex = toHex(value);
    if (hex === '') continue;
    if (PERSONAL_TAGS.has(tag)) text = text.replaceAll(hex, '*'.repeat(hex.length));
    if (!ACCOUNT_TAGS.has(tag)) continue;
    const pan = /^\d+/.exec(hex)?.[0] ?? hex;
    text = text.replaceAll(hex, `${maskPan(pan)}${'*'.repeat(hex.length - pan.length)}`).replaceAll(pan, maskPan(pan));
  }
  return text;
}

function leaves(bytes: Uint8Array): TlvNode[] {
  const below = (nodes: readonly TlvNode[]): TlvNode[] =>
    nodes.flatMap((node) => (node.children === undefined ? [node] : below(node.children)));
  try {
    return below(parseTlv(bytes.subarray(0, Math.max(0, bytes.length - 2))));
  } catch {
    return [];
  }
}
