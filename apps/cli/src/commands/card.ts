import { Command } from 'commander';
import { cardCapkCommand } from './card-capk.ts';
import { cardDiffCommand } from './card-diff.ts';
import { cardInspectCommand } from './card-inspect.ts';
import { cardIssueCommand } from './card-issue.ts';
import { cardPersonaliseCommand } from './card-personalise.ts';
import { cardServeCommand } from './card-serve.ts';
import { cardShowCommand } from './card-show.ts';

/** `polycard card` alone shows a card, as `polycard card show` does. */
export function cardCommand(): Command {
  return new Command('card')
    .addCommand(cardShowCommand(), { isDefault: true })
    .addCommand(cardServeCommand())
    .addCommand(cardIssueCommand())
    .addCommand(cardPersonaliseCommand())
    .addCommand(cardInspectCommand())
    .addCommand(cardDiffCommand())
    .addCommand(cardCapkCommand())
    .addHelpText(
      'after',
      `
Examples:
  polycard card --product senior-lingnan
  polycard card --blueprint blueprints/hunan
  polycard card serve --vpcd 127.0.0.1:35963
  polycard card issue --save card.json
  polycard card personalise --scp 03 --save card.json
  polycard card inspect --reader pcsc:ACR122
  polycard card capk --json`,
    );
}
