/** What an unknown piece of hexadecimal is, in words. */
import type { TlvDescription } from '../describe-tlv.ts';
import type { TwoLanguages } from '../tags.ts';

export interface ExplanationPart {
  readonly name: TwoLanguages;
  /** Bytes of this part; account numbers are starred. */
  readonly hex?: string;
  /** What they say, in words. */
  readonly text?: string;
  readonly textZh?: string;
  readonly children?: readonly ExplanationPart[];
}

/** One kind of thing that hexadecimal can be. */
export interface Explainer {
  /** As `--as KIND` names it. */
  readonly kind: string;
  readonly title: TwoLanguages;
  /** 0 when these bytes cannot be of this kind, 100 when they can hardly be anything else. Never throws. */
  readonly likelihood: (bytes: Uint8Array) => number;
  /** Throws a `PolycardError` that says where the bytes stop being of this kind. */
  readonly explain: (bytes: Uint8Array) => readonly ExplanationPart[];
}

export function partsOfTlv(nodes: readonly TlvDescription[]): ExplanationPart[] {
  return nodes.map((node) => ({
    name: { en: `${node.tag} ${node.name.en}`, zh: node.name.zh },
    ...(node.hex === '' ? {} : { hex: node.hex }),
    ...(node.text === undefined ? {} : { text: node.text }),
    ...(node.children === undefined ? {} : { children: partsOfTlv(node.children) }),
  }));
}

/** A question whose answer may be an error, as a yes or no. */
export function holds(question: () => unknown): boolean {
  try {
    return question() !== false;
  } catch {
    return false;
  }
}
