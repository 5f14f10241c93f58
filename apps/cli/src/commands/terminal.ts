import { Command } from 'commander';
import { terminalEnrolCommand } from './terminal-enrol.ts';
import { terminalPsamCommand } from './terminal-psam.ts';
import { terminalRunCommand } from './terminal-run.ts';
import { terminalShowCommand } from './terminal-show.ts';

export function terminalCommand(): Command {
  const terminal = new Command('terminal').description('Terminals: enrol one of any maker, run one, look into one');
  for (const command of [terminalEnrolCommand(), terminalPsamCommand(), terminalRunCommand(), terminalShowCommand()])
    terminal.addCommand(command);
  return terminal;
}
