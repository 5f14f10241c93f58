import { Command } from 'commander';
import { terminalEnrolCommand } from './terminal-enrol.ts';
import { terminalPsamCommand } from './terminal-psam.ts';
import { terminalRunCommand } from './terminal-run.ts';
import { terminalShowCommand } from './terminal-show.ts';

export function terminalCommand(): Command {
  const terminal = new Command('terminal');
  for (const command of [terminalEnrolCommand(), terminalPsamCommand(), terminalRunCommand(), terminalShowCommand()])
    terminal.addCommand(command);
  return terminal;
}
