/** The `polycard` command: reads arguments, calls a command, turns errors into words and exit codes. */
import { PolycardError } from '@polycard/bytes';
import { Command, CommanderError } from 'commander';
import { COMMANDS } from './command-table.ts';
import { VERSION } from './paths.ts';

/** 0 done, 1 the work found something wrong, 2 the call was wrong, 3 something failed here. */
const EXIT_FOUND = 1;
const EXIT_USAGE = 2;
const EXIT_FAILURE = 3;
const USAGE_CODES: ReadonlySet<string> = new Set([
  'POLYCARD_BLUEPRINT_EXTENDS',
  'POLYCARD_BLUEPRINT_INVALID',
  'POLYCARD_BLUEPRINT_NOT_FOUND',
  'POLYCARD_BLUEPRINT_OTHER_REGION',
  'POLYCARD_CLI_ARGUMENT',
  'POLYCARD_CLI_CA_FILE',
  'POLYCARD_CLI_HEX',
  'POLYCARD_CLI_KIND',
  'POLYCARD_FLEET_GENERATE',
  'POLYCARD_PARAMETERS_PLAN',
  'POLYCARD_PARAMETERS_UNKNOWN',
  'POLYCARD_READER_NAME',
  'POLYCARD_CLI_DATA_FILE',
  'POLYCARD_CLI_ENROLMENT',
  'POLYCARD_CLI_TLS_FILE',
  'POLYCARD_CLI_ZONE_KEY',
  'POLYCARD_CONFORM_CASE',
  'POLYCARD_CONFORM_ENROLMENT',
]);
/** What was looked at or worked on is not as it must be: card data that cannot be explained, a card that refuses. */
const FOUND_CODES =
  /^POLYCARD_((EXPLAIN|GP|VAULT|APPROVAL|CEREMONY|EXCHANGE|PARAMETERS|DENY_LIST)_|MODE_ORDER$|SESSION_(FORBIDDEN|REFUSED)$|KEY_BLOCK$|CRYPTO_SM2$)/;
/** The vault itself did not open: nothing was looked at. */
const CLOSED_VAULT = /^POLYCARD_VAULT_(PIN|TOKEN|LIBRARY|PASSPHRASE)$/;

const program = new Command('polycard')
  .description('The open platform a province or city runs to put many public services on one bank card')
  .version(VERSION)
  .enablePositionalOptions()
  .showHelpAfterError('(polycard --help shows what there is)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Examples:
  polycard up                                      start the platform with a small simulated region
  polycard replay taps.csv --format shenzhen --ephemeral --json
  polycard replay --generate 5000 --seed 7 --ephemeral
  polycard card --product ordinary-lingnan         personalise a virtual card and show what is on it
  polycard card serve --vpcd 127.0.0.1:35963       put a card into any PC/SC reader
  polycard tap --reader vpcd:35963 --amount 5.00   take a payment from any PBOC card
  polycard decode 00A4040008A00000033301010100     explain an APDU, TLV, status word, ISO 8583 message ...
  polycard blueprint check blueprints/guangdong    what is wrong with a region's specification
  polycard fare --mode metro --from luohu --to xixiang --class ordinary
  polycard keys show bus-management                who may do what with a key, what stands behind it
  polycard terminal enrol --zmk zmk.hex --json     a terminal of any maker: what it needs to sign in
  polycard conform host --self                     the conformance kit on our own host, terminal or card
  polycard parameters list                         versions of tariffs; draft, check, rehearse, propose, roll out
  polycard deny-list add 6214010000000017 --reason lost --why 'reported'   then publish, and somebody approves
  polycard modes order emergency --station 0115 --why 'smoke'   operating modes of stations
  polycard audit export trail.ndjson               the audit trail as a file; polycard audit verify trail.ndjson

Exit codes: 0 done, 1 the work found something wrong, 2 the call was wrong, 3 something failed here.`,
  );
const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const called = words[0] === 'help' ? words[1] : words[0];
for (const { name, description, load } of COMMANDS) {
  const command = name === called ? await load() : new Command(name);
  program.addCommand(throwing(command.description(description)));
}

/** Exits of a command and of those under it are thrown, so that one place turns them into exit codes. */
function throwing(command: Command): Command {
  for (const inside of command.commands) throwing(inside);
  return command.exitOverride();
}

/** The call was wrong; the input was found wrong or the act refused; or something failed here. */
function exitCodeOf(code: string): number {
  if (USAGE_CODES.has(code)) return EXIT_USAGE;
  return FOUND_CODES.test(code) && !CLOSED_VAULT.test(code) ? EXIT_FOUND : EXIT_FAILURE;
}

// whoever reads us may stop (| head): nothing is wrong then
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : EXIT_FAILURE));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  } else if (error instanceof PolycardError) {
    const where = error.where === undefined ? '' : `\n  where:    ${error.where}`;
    const expected = error.expected === undefined ? '' : `\n  expected: ${error.expected}`;
    process.stderr.write(`polycard: ${error.message}${where}${expected}\n  code:     ${error.code}\n`);
    process.exitCode = exitCodeOf(error.code);
  } else {
    process.stderr.write(
      `polycard: ${(error as Error).stack ?? String(error)}\nThis is a defect of Polycard; please report it.\n`,
    );
    process.exitCode = EXIT_FAILURE;
  }
}
