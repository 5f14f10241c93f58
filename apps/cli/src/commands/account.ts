import { Command } from 'commander';
import { type AccessOptions, atKeys, withAccess } from '../keys-access.ts';
import { ask, passwordOf } from '../password.ts';

export function accountCommand(): Command {
  const account = new Command('account');
  account.addCommand(
    withAccess(new Command('password'))
      .description("Change one's own password")
      .option('--new-password-file <file>', 'the new password in a file; asked for at a terminal')
      .addHelpText(
        'after',
        `
Examples:
  polycard account password --as zheng-yi --platform http://127.0.0.1:7320
  polycard account password --as zheng-yi --password-file data/first-passwords.txt --new-password-file mine`,
      )
      .action(changePassword),
  );
  return account;
}

async function changePassword(options: AccessOptions & { newPasswordFile?: string }): Promise<void> {
  const before = await passwordOf(options.as, options);
  const after =
    options.newPasswordFile === undefined && process.stdin.isTTY
      ? await ask('new password, 12 characters or more')
      : await passwordOf(options.as, { passwordFile: options.newPasswordFile ?? '' });
  await atKeys({ ...options, password: before }, (session) =>
    session.text('POST', '/api/session/password', { before, after }),
  );
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ changed: options.as })}\n`
      : `the password of ${options.as} is changed\n`,
  );
}
