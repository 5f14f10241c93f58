/** Keys of a terminal's PSAM as key blocks under its maker's zone key: what a software PSAM is loaded with. */
import { readFileSync } from 'node:fs';
import { fromHex, PolycardError } from '@polycard/bytes';
import { decryptBlocks, encodeKeyBlock, systemRandom } from '@polycard/crypto';
import { PlatformApi } from '@polycard/fleet';
import { Command } from 'commander';
import { type PasswordOptions, passwordOf } from '../password.ts';
import { readZoneKey } from '../zone-key-file.ts';

interface PsamOptions extends PasswordOptions {
  readonly enrolment: string;
  readonly zmk: string;
  readonly platform: string;
  readonly as: string;
}

export function terminalPsamCommand(): Command {
  return new Command('psam')
    .description("Issue the keys of a terminal's PSAM, as key blocks under the maker's zone key")
    .requiredOption('--enrolment <file>', 'answer of `polycard terminal enrol --json`')
    .requiredOption('--zmk <file>', "the maker's zone key, as at the enrolment")
    .requiredOption('--as <account>', 'who acts: a person or account with the permission terminals.enrol')
    .option('--platform <url>', 'the running platform', 'http://127.0.0.1:7320')
    .option('--password <text>', 'their password (or POLYCARD_PASSWORD; asked for at a terminal)')
    .option('--password-file <file>', 'the password in a file, alone or in a line NAME PASSWORD')
    .option('--json', 'the answer is JSON in any case')
    .addHelpText(
      'after',
      `
A software PSAM stands in for the chip: with these keys a terminal writes the records of cards.

Examples:
  polycard terminal psam --enrolment gate.json --zmk zmk.hex --as peng-fei --password-file passwords > psam.json`,
    )
    .action(issue);
}

async function issue(options: PsamOptions): Promise<void> {
  const { terminal } = JSON.parse(readFileSync(options.enrolment, 'utf8')) as { terminal?: string };
  if (terminal === undefined)
    throw new PolycardError('POLYCARD_CLI_ENROLMENT', `${options.enrolment} names no terminal`, {
      where: '--enrolment',
    });
  const zone = readZoneKey(options.zmk);
  const api = new PlatformApi(options.platform);
  await api.signIn(options.as, await passwordOf(options.as, options));
  const passage = await api.openZone(`psam-${terminal}`, 'terminals', systemRandom);
  const keys = await api.post<{ label: string; version: number; algorithm: string; enciphered: string }[]>(
    '/api/sams/reissue',
    { zoneId: passage.zoneId, terminals: [terminal] },
  );
  const header = {
    ...{ version: zone.algorithm === 'AES' ? ('D' as const) : ('B' as const), usage: 'E2', algorithm: 'T' },
    ...{ modeOfUse: 'X', keyVersion: '00', exportability: 'N', keyContext: '0', optionalBlocks: [] },
  };
  const blocks = keys.map(({ label, version, enciphered }) => {
    const key = decryptBlocks('des-ede-ecb', passage.key, fromHex(enciphered));
    const keyBlock = encodeKeyBlock(zone.bytes, header, key, { random: systemRandom });
    key.fill(0);
    return { label, version, keyBlock };
  });
  zone.bytes.fill(0);
  process.stdout.write(`${JSON.stringify({ terminal, keys: blocks })}\n`);
}
