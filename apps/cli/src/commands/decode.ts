import { Command } from 'commander';
import { EXPLAINED_KINDS, explainHex, hexArgument } from '../decode/explain-hex.ts';
import { printedParts } from '../decode/print-parts.ts';

interface DecodeOptions {
  readonly as?: string;
  readonly json?: boolean;
}

export function decodeCommand(): Command {
  return new Command('decode')
    .argument('<hex...>', 'the bytes; blanks and colons are allowed')
    .option('--as <kind>', `what it is, when the guess is wrong: ${EXPLAINED_KINDS.join(', ')}, or a tag`)
    .option('--json', 'print it as one JSON object: kind, en, zh, parts, alternatives')
    .addHelpText(
      'after',
      `
Examples:
  polycard decode 6A82
  polycard decode 00 A4 04 00 08 A000000333010101 00
  polycard decode 9F66049F02069F37049F2103DF6001
  polycard decode 07010103900000010A010000050000A1B2C3D4
  polycard decode 26000080 --as ttq
  polycard decode 000000012345 --as 9F79

Account numbers are shown masked.`,
    )
    .action(decode);
}

function decode(hex: readonly string[], options: DecodeOptions): void {
  const explained = explainHex(hexArgument(hex.join(' ')), options.as);
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(explained)}\n`);
    return;
  }
  const { en, zh, lengthBytes, parts, alternatives } = explained;
  process.stdout.write(`${en} · ${zh} (${lengthBytes} bytes)\n${printedParts(parts)}`);
  if (alternatives.length > 0) process.stdout.write(`Could also be: ${alternatives.join(', ')} (--as KIND)\n`);
}
