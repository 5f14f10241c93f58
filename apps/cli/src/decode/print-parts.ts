/** Explanations for people: a line a part, what is inside indented. */
import type { ExplanationPart } from '@polycard/emv';

const HEX_COLUMNS_MAX = 96;

const shortened = (hex: string): string => (hex.length > HEX_COLUMNS_MAX ? `${hex.slice(0, HEX_COLUMNS_MAX)}…` : hex);

function said({ text, textZh }: ExplanationPart): string {
  if (text === undefined) return '';
  return textZh === undefined ? text : `${text} · ${textZh}`;
}

export function printedParts(parts: readonly ExplanationPart[], indent = '  '): string {
  return parts
    .map((part) => {
      const { en, zh } = part.name;
      const title = en === zh ? en : `${en} · ${zh}`;
      const content = [part.hex === undefined ? '' : shortened(part.hex), said(part)].filter((text) => text !== '');
      const line = `${indent}${title}${content.length === 0 ? '' : `: ${content.join('  = ')}`}\n`;
      return line + (part.children === undefined ? '' : printedParts(part.children, `${indent}  `));
    })
    .join('');
}
