import { Command } from 'commander';
import { terminalEnrolCommand } from './terminal-enrol.ts';

export function terminalCommand(): Command {
  const terminal = new Command('terminal').description('Terminals: enrol one of any maker');
  terminal.addCommand(terminalEnrolCommand());
  return terminal;
}
