import { resolve } from 'node:path';
import { describeStatusWord, PolycardError, parseResponse, toHex } from '@polycard/bytes';
import { Command } from 'commander';
import { issueDemoCard } from '../demo-card.ts';
import { DEFAULT_BLUEPRINT } from '../paths.ts';

interface CardOptions {
  readonly product?: string;
  readonly blueprint: string;
  readonly seed: string;
  readonly apdu?: string[];
  readonly json?: boolean;
}

export function cardShowCommand(): Command {
  return new Command('show')
    .description('Personalise a virtual card of the blueprint and show what is on it (the default)')
    .option('--product <id>', 'card product; default the first of the blueprint')
    .option('--blueprint <directory>', 'the region', DEFAULT_BLUEPRINT)
    .option('--seed <text>', 'the same seed makes the same keys', '1')
    .option('--apdu <hex...>', 'send these commands after personalisation and show the answers')
    .option('--json', 'print it as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  polycard card
  polycard card --product senior-lingnan --json
  polycard card --blueprint blueprints/hunan
  polycard card --apdu 00A404000E325041592E5359532E444446303100 80CA9F7900`,
    )
    .action(showCard);
}

async function showCard(options: CardOptions): Promise<void> {
  const commands = (options.apdu ?? []).map((hex) => {
    if (!/^([0-9a-fA-F]{2}){4,261}$/.test(hex)) {
      throw new PolycardError('POLYCARD_CLI_ARGUMENT', `"${hex.slice(0, 40)}" is no command APDU`, {
        where: '--apdu',
        expected: '4 to 261 bytes in hexadecimal',
      });
    }
    return Uint8Array.from(Buffer.from(hex, 'hex'));
  });
  const { card, facts } = await issueDemoCard({
    blueprint: resolve(options.blueprint),
    ...(options.product === undefined ? {} : { product: options.product }),
    seed: options.seed,
  });
  const answers = commands.map((command) => {
    const response = card.transmit(command);
    const { data, sw } = parseResponse(response);
    return {
      command: toHex(command),
      data: toHex(data),
      sw: sw.toString(16).toUpperCase(),
      meaning: describeStatusWord(sw),
    };
  });
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ ...facts, answers })}\n`);
    return;
  }
  process.stdout.write(
    `${facts.productName.en} · ${facts.productName.zh}\n  PAN       ${facts.panMasked}\n  balance   ¥${(facts.balanceFen / 100).toFixed(2)}\n`,
  );
  for (const record of facts.records) {
    process.stdout.write(`  SFI ${record.sfi}  ${record.title.en} · ${record.title.zh}\n`);
    for (const [name, value] of Object.entries(record.values)) process.stdout.write(`    ${name.padEnd(18)}${value}\n`);
  }
  for (const answer of answers)
    process.stdout.write(`> ${answer.command}\n< ${answer.data} ${answer.sw}  ${answer.meaning.en}\n`);
}
