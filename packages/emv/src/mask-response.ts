/** Answers of a card as a log may hold them: hexadecimal with account numbers and tracks starred. */
import { parseTlv, type TlvNode, toHex } from '@polycard/bytes';
import { maskedHex } from './decode-value.ts';

const ACCOUNT_TAGS: ReadonlySet<string> = new Set(['57', '5A']);

function accountNodes(nodes: readonly TlvNode[]): TlvNode[] {
  return nodes.flatMap((node) => (ACCOUNT_TAGS.has(node.tag) ? [node] : accountNodes(node.children ?? [])));
}

/** Hex of response data or of a whole response; what is no TLV has no place where an account number could be told. */
export function maskedResponseHex(response: Uint8Array): string {
  const hex = toHex(response);
  for (const end of [response.length, response.length - 2]) {
    let nodes: TlvNode[];
    try {
      nodes = parseTlv(response.subarray(0, Math.max(0, end)));
    } catch {
      continue;
    }
    let masked = hex;
    for (const { tag, value } of accountNodes(nodes)) {
      const start = (value.byteOffset - response.byteOffset) * 2;
      masked = masked.slice(0, start) + maskedHex(tag, value) + masked.slice(start + value.length * 2);
    }
    return masked;
  }
  return hex;
}
