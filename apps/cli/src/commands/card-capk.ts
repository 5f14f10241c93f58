import { resolve } from 'node:path';
import { Command } from 'commander';
import { demoCaKeys } from '../demo-card.ts';
import { DEFAULT_BLUEPRINT } from '../paths.ts';

interface CapkOptions {
  readonly blueprint: string;
  readonly seed: string;
  readonly json?: boolean;
}

export function cardCapkCommand(): Command {
  return new Command('capk')
    .description('Print the certification authority key of our test cards, as terminals take it')
    .option('--blueprint <directory>', 'the region', DEFAULT_BLUEPRINT)
    .option('--seed <text>', 'as given to card serve', '1')
    .option('--json', 'print [{rid,index,modulus,exponent}], the file that tap --capk reads')
    .addHelpText(
      'after',
      `
Examples:
  polycard card capk
  polycard card capk --json > capk.json`,
    )
    .action(printKeys);
}

async function printKeys(options: CapkOptions): Promise<void> {
  const keys = await demoCaKeys({ blueprint: resolve(options.blueprint), seed: options.seed });
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(keys)}\n`);
    return;
  }
  for (const { rid, index, modulus, exponent } of keys) {
    process.stdout.write(
      `RID ${rid} index ${index} · ${modulus.length * 4} bits\n  modulus   ${modulus}\n  exponent  ${exponent}\n`,
    );
  }
}
