/** Enrols a terminal of any maker: what it needs to sign in, its master key as a key block under the maker's zone key. */
import { resolve } from 'node:path';
import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import { agreeZoneKey, encodeKeyBlock, makeZoneKeyPair, systemRandom } from '@polycard/crypto';
import { Command } from 'commander';
import { type AccessOptions, atPlatform, withAccess } from '../keys-access.ts';
import type { PlatformSession } from '../platform-session.ts';
import { readZoneKey, type ZoneKey } from '../zone-key-file.ts';

interface EnrolOptions extends AccessOptions {
  readonly zmk: string;
  readonly profile: string;
  readonly operator?: string;
  readonly place?: string;
  readonly route?: string;
  readonly line?: string;
  readonly vehicle?: string;
  readonly device?: string;
  readonly maker: string;
  readonly gateway?: string;
}

/** What a foreign client needs; docs/conformance.md says what each is. */
export interface Enrolment {
  readonly terminal: string;
  readonly merchant: string;
  readonly tpdu: string;
  readonly header: string;
  readonly masterKey: string;
  readonly kcv: string;
  readonly keyBlockVersion: string;
  readonly zmkKcv: string;
  readonly zmkAlgorithm: string;
  /** Where the zone key was read: the kit opens the master key with it. */
  readonly zmkFile: string;
  readonly host: string;
  readonly port: number;
  readonly batch: string;
  readonly device: string;
  readonly profile: string;
  readonly operator: string;
  readonly operatorCode: string;
  /** Public key under which deny lists are signed. */
  readonly listKey?: { readonly modulus: string; readonly exponent: string };
  /** Station code, where it stands at one. */
  readonly place?: string;
  readonly route?: string;
}

interface EnrolledByPlatform {
  readonly listKey?: { readonly modulus: string; readonly exponent: string };
  readonly tpdu: string;
  readonly header: string;
  readonly gateway: { readonly host: string; readonly port: number };
  readonly terminals: readonly {
    readonly deviceNo: string;
    readonly terminalNo: string;
    readonly merchantNo: string;
    readonly operatorId: string;
    readonly operatorCode: string;
    readonly batchNo: number;
    readonly masterKey: string;
    readonly masterKeyCheckValue: string;
  }[];
}

const DEFAULT_GATEWAY_PORT = 7321;

export function terminalEnrolCommand(): Command {
  return withAccess(new Command('enrol'))
    .description('Enrol a terminal of any maker and hand over what it signs in with')
    .requiredOption('--zmk <file>', "the maker's zone key in hex: 16 or 24 bytes of 3DES, 32 of AES (or AES:hex)")
    .option('--profile <id>', 'terminal profile of the blueprint', 'bus-validator')
    .option('--operator <id>', 'operator by identifier or name (the first one of the profile’s mode)')
    .option('--place <name>', 'station or stop, by name or 4-digit code; metro terminals')
    .option('--route <name>', 'route of a bus')
    .option('--line <id>', 'line of a station')
    .option('--vehicle <number>', 'vehicle of a bus')
    .option('--device <number>', 'device number, 1 to 20 characters; enrolled again, it keeps its terminal number')
    .option('--maker <name>', 'whose zone key it is', 'maker')
    .option('--gateway <host:port>', 'where terminals reach the gateway, if not as the platform says')
    .addHelpText(
      'after',
      `
The answer has: terminal (field 41), merchant (field 42), tpdu, header, masterKey (key block of X9.143/TR-31 under the zone
key: version B under 3DES, D under AES; usage K0, algorithm T, double length), kcv (check value of the master key), host and
port of the gateway, keyBlockVersion, zmkKcv, batch. The master key is never shown and leaves the vault in this form only.

Examples:
  openssl rand -hex 16 > zmk.hex
  polycard terminal enrol --zmk zmk.hex --json
  polycard terminal enrol --zmk zmk.hex --profile metro-gate --operator shenzhen-metro --place 0101
  polycard terminal enrol --zmk zmk.hex --platform http://127.0.0.1:7320 --as operator --json > enrolment.json

Exit codes: 0 done, 1 refused (a weak key, no right), 2 the call was wrong, 3 the platform does not answer.`,
    )
    .action(enrol);
}

async function enrol(options: EnrolOptions): Promise<void> {
  const zoneKey = readZoneKey(options.zmk);
  const enrolment: Enrolment = {
    ...(await atPlatform(options, (session) => enrolAt(session, zoneKey, options))),
    zmkFile: resolve(options.zmk),
  };
  zoneKey.bytes.fill(0);
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(enrolment)}\n`);
    return;
  }
  const { host, port, keyBlockVersion, zmkAlgorithm, zmkKcv } = enrolment;
  const rows = [
    ['terminal (field 41)', enrolment.terminal],
    ['merchant (field 42)', enrolment.merchant],
    ['TPDU, header', `${enrolment.tpdu} ${enrolment.header}`],
    ['gateway', `${host}:${port}`],
    ['batch', enrolment.batch],
    ['zone key', `${zmkAlgorithm}, check value ${zmkKcv}`],
    ['master key', `key block version ${keyBlockVersion}, check value ${enrolment.kcv}`],
    ['', enrolment.masterKey],
  ];
  process.stdout.write(rows.map(([name, value]) => `${name!.padEnd(22)}${value}\n`).join(''));
}

/** Enrols one terminal in a session. The zone key travels as a key block under a key agreed for this one passage. */
export async function enrolAt(
  session: PlatformSession,
  zoneKey: ZoneKey,
  options: Omit<EnrolOptions, keyof AccessOptions | 'zmk'>,
): Promise<Omit<Enrolment, 'zmkFile'>> {
  const { zoneId, checkValue, algorithm } = await handOver(session, zoneKey, options.maker);
  const operatorId = await operatorFor(session, options);
  const placeCode = options.place === undefined ? undefined : await placeFor(session, options.place);
  const device = options.device ?? `V${toHex(systemRandom(6))}`;
  const { line, route, vehicle } = options;
  const answer = await session.json<EnrolledByPlatform>('POST', '/api/enrolment/maker-terminals', {
    zoneId,
    terminals: [
      {
        ...{ deviceNo: device, profile: options.profile, operatorId },
        ...(placeCode === undefined ? {} : { placeCode }),
        ...(line === undefined ? {} : { line }),
        ...(route === undefined ? {} : { route }),
        ...(vehicle === undefined ? {} : { vehicle }),
      },
    ],
  });
  const [enrolled] = answer.terminals;
  if (enrolled === undefined) throw new PolycardError('POLYCARD_CLI_REFUSED', 'the platform enrolled no terminal');
  return {
    ...{ terminal: enrolled.terminalNo, merchant: enrolled.merchantNo, tpdu: answer.tpdu, header: answer.header },
    ...{ masterKey: enrolled.masterKey, kcv: enrolled.masterKeyCheckValue, keyBlockVersion: enrolled.masterKey[0]! },
    ...{ zmkKcv: checkValue, zmkAlgorithm: algorithm },
    ...gatewayFor(session, answer.gateway, options.gateway),
    ...{ batch: String(enrolled.batchNo).padStart(6, '0'), device: enrolled.deviceNo, profile: options.profile },
    ...{ operator: enrolled.operatorId, operatorCode: enrolled.operatorCode },
    ...(answer.listKey === undefined ? {} : { listKey: answer.listKey }),
    ...(placeCode === undefined ? {} : { place: placeCode }),
    ...(route === undefined ? {} : { route }),
  };
}

async function handOver(session: PlatformSession, { algorithm, bytes }: ZoneKey, maker: string) {
  const pair = makeZoneKeyPair(systemRandom);
  const agreed = await session.json<{ zoneId: string; publicKey: string }>('POST', '/api/enrolment/zones', {
    name: maker,
    purpose: 'maker',
    publicKey: toHex(pair.publicKey),
  });
  const passage = agreeZoneKey(pair, fromHex(agreed.publicKey));
  const header = {
    ...{ version: 'B' as const, usage: 'K0', algorithm: algorithm === 'AES' ? 'A' : 'T', modeOfUse: 'B' },
    ...{ keyVersion: '00', exportability: 'N', keyContext: '0', optionalBlocks: [] },
  };
  const keyBlock = encodeKeyBlock(passage, header, bytes, { random: systemRandom });
  passage.fill(0);
  return session.json<{ zoneId: string; algorithm: string; checkValue: string }>('POST', '/api/enrolment/zone-keys', {
    name: maker,
    agreedZoneId: agreed.zoneId,
    keyBlock,
  });
}

/** The operator named, or the first one whose business the profile is. */
async function operatorFor(
  session: PlatformSession,
  { operator, profile }: Pick<EnrolOptions, 'operator' | 'profile'>,
): Promise<string> {
  const parties = await session.json<{ id: string; kind: string; mode?: string; name: Name }[]>('GET', '/api/parties');
  const operators = parties.filter(({ kind }) => kind === 'operator');
  const mode = profile.startsWith('bus') ? 'bus' : 'metro';
  const found =
    operator === undefined
      ? (operators.find((candidate) => candidate.mode === mode) ?? operators[0])
      : operators.find(({ id, name }) => [id, name.en, name.zh].includes(operator));
  if (found !== undefined) return found.id;
  throw new PolycardError('POLYCARD_CLI_ARGUMENT', `there is no operator ${operator ?? ''}`.trimEnd(), {
    where: '--operator',
    expected: operators.map(({ id }) => id).join(', '),
  });
}

interface Name {
  readonly en: string;
  readonly zh: string;
}

async function placeFor(session: PlatformSession, place: string): Promise<string> {
  if (/^\d{4}$/.test(place)) return place;
  const [found] = await session.json<{ code: string }[]>('POST', '/api/enrolment/places', [{ name: place }]);
  return found!.code;
}

/** A gateway that listens on every address is reached where the platform is. */
function gatewayFor(
  session: PlatformSession,
  stated: { readonly host: string; readonly port: number },
  given: string | undefined,
): { host: string; port: number } {
  if (given !== undefined) {
    const parts = /^(.+):(\d{1,5})$/.exec(given);
    if (parts === null || Number(parts[2]) > 65535) {
      throw new PolycardError('POLYCARD_CLI_ARGUMENT', `${given} is no address`, {
        where: '--gateway',
        expected: 'HOST:PORT',
      });
    }
    return { host: parts[1]!, port: Number(parts[2]) };
  }
  const isEverywhere = ['0.0.0.0', '::', ''].includes(stated.host);
  return {
    host: isEverywhere ? session.host : stated.host,
    port: stated.port === 0 ? DEFAULT_GATEWAY_PORT : stated.port,
  };
}
