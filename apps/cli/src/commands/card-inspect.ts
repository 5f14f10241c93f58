import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readBlueprint } from '@polycard/platform/blueprint-files';
import { Region } from '@polycard/platform/region';
import { Command } from 'commander';
import { type ReaderOptions, withCard, withReaderOptions } from '../card-in-reader.ts';
import { printedParts } from '../decode/print-parts.ts';
import type { ApplicationDump, CardDump, DumpEntry } from '../inspect/dump.ts';
import { inspectCard } from '../inspect/inspect-card.ts';
import { regionRecords } from '../inspect/region-records.ts';

interface InspectOptions extends ReaderOptions {
  readonly save?: string;
  readonly json?: boolean;
}

const EXIT_STOPPED = 1;

export function cardInspectCommand(): Command {
  const command = new Command('inspect')
    .description('Read everything a PBOC, T-Union, City Union or EMV card gives to questions that change nothing')
    .option('--save <file>', 'keep the dump, to be compared by card diff')
    .option('--json', 'print the dump as one JSON object');
  return withReaderOptions(command)
    .addHelpText(
      'after',
      `
Account numbers, names and document numbers are shown masked. Exit code 1 when the card stopped before its end.

Examples:
  polycard card inspect --reader pcsc:ACR122
  polycard card inspect --reader vpcd:35963 --json
  polycard card inspect --reader virtual --save before.json`,
    )
    .action(inspect);
}

async function inspect(options: InspectOptions): Promise<void> {
  const region = regionRecords(new Region(readBlueprint(resolve(options.blueprint))));
  const dump = await withCard(options, (card) => inspectCard(card, region));
  if (options.save !== undefined) writeFileSync(resolve(options.save), `${JSON.stringify(dump)}\n`, { mode: 0o600 });
  process.stdout.write(options.json === true ? `${JSON.stringify(dump)}\n` : printed(dump));
  if (dump.stopped !== undefined) process.exitCode = EXIT_STOPPED;
}

function printedEntries(title: string, entries: readonly DumpEntry[]): string {
  if (entries.length === 0) return '';
  const lines = entries.map(({ what, name, hex, parts }) => {
    const head = `    ${what} ${name.en} · ${name.zh}${parts.length > 0 || hex === undefined ? '' : `: ${hex}`}\n`;
    return head + printedParts(parts, '      ');
  });
  return `  ${title}\n${lines.join('')}`;
}

function printedApplication(application: ApplicationDump): string {
  const { aid, name, sw, fci, options, balances, objects, records, logs, files } = application;
  const money = balances.map(
    (balance) => `    ${balance.name.en} · ${balance.name.zh}: ¥${(balance.fen / 100).toFixed(2)}\n`,
  );
  return [
    `\n${aid} ${name.en} · ${name.zh} (SELECT ${sw})\n`,
    money.length === 0 ? '' : `  balances · 余额\n${money.join('')}`,
    `  file control information · 文件控制信息\n${printedParts(fci, '    ')}`,
    options === undefined
      ? ''
      : `  processing options · 处理选项 (${options.sw})\n${printedParts(options.parts, '    ')}`,
    printedEntries('records · 记录', records),
    printedEntries('logs · 明细', logs),
    printedEntries('files · 文件', files),
    printedEntries('data objects · 数据对象', objects),
  ].join('');
}

function printed(dump: CardDump): string {
  const { reader, atr, directories, applications, exchanges, stopped } = dump;
  const end = stopped === undefined ? '' : `The card stopped early: ${stopped}\n`;
  return `${reader}, ATR ${atr}\n${printedEntries('directories · 目录', directories)}${applications
    .map(printedApplication)
    .join('')}\n${applications.length} applications, ${exchanges} exchanges\n${end}`;
}
