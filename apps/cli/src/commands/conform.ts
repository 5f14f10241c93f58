import type { BrokenVariant } from '@polycard/conformance';
import { Command } from 'commander';
import { BROKEN, listBroken } from '../conform-report.ts';
import { conformCardCommand } from './conform-card.ts';
import { conformHostCommand } from './conform-host.ts';
import { conformTerminalCommand } from './conform-terminal.ts';

export function conformCommand(): Command {
  const conform = new Command('conform')
    .enablePositionalOptions()
    .option('--list-broken', 'name the deliberately broken variants of all kinds')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  polycard conform host --host 10.0.0.8:7321 --enrolment enrolment.json --html report.html
  polycard conform host --self --json
  polycard conform host --self --broken wrong-mac-accepted     exits 1 and names the case that failed
  polycard conform terminal --zmk zmk.hex --enrolment enrolment.json --listen 0.0.0.0:7331
  polycard conform card --reader pcsc:ACR122 --capk capk.json
  polycard conform --list-broken --json

docs/conformance.md says what each case looks at and how to write one.`,
    )
    .action((options: { listBroken?: boolean; json?: boolean }, command: Command) => {
      if (options.listBroken === true) {
        const all: readonly BrokenVariant[] = Object.values(BROKEN).flat();
        listBroken(all, options.json === true);
      } else command.help({ error: true });
    });
  conform.addCommand(conformHostCommand());
  conform.addCommand(conformTerminalCommand());
  conform.addCommand(conformCardCommand());
  return conform;
}
