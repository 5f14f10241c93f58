/** Our own host for the kit to be tried on: a throw-away platform of this process, its terminals and cards. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import { type IssuedCertificate, type RandomSource, seededRandom } from '@polycard/crypto';
import { PlatformApi, type Zone } from '@polycard/fleet';
import { type RunningPlatform, startPlatform } from '@polycard/platform';
import type { ListKey, LoadedKey } from '@polycard/terminal';
import { decipherFromZone } from '@polycard/vault';
import type { TerminalIdentity } from '../line/identity.ts';
import { KitAuthority } from './tls-bench.ts';

export interface OwnPlatform {
  readonly platform: RunningPlatform;
  readonly api: PlatformApi;
  readonly zone: Zone;
  /** The card bureau's session and its zone. */
  readonly bureau: PlatformApi;
  readonly cardZone: Zone;
  readonly random: RandomSource;
  readonly seed: string;
  readonly blueprintDirectory: string;
  /** Of the accounts `fleet` and `fleet-bureau`, for as long as it lives. */
  readonly password: string;
  /** Who signs the certificates of its TLS port and of terminals. */
  readonly authority: KitAuthority;
  readonly hostCertificate: IssuedCertificate;
  close(): Promise<void>;
}

const PASSWORD = 'conformance';

export async function startOwnPlatform(blueprintDirectory: string, seed: string): Promise<OwnPlatform> {
  const directory = mkdtempSync(join(tmpdir(), 'polycard-conform-'));
  const random = seededRandom(`conformance:${seed}`);
  const authority = new KitAuthority(random, new Date());
  const hostCertificate = authority.host('127.0.0.1');
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text, { mode: 0o600 });
    return join(directory, name);
  };
  const platform = await startPlatform({
    ...{ dataDirectory: directory, blueprintDirectory, host: '127.0.0.1', port: 0, gatewayPort: 0 },
    gatewayTls: {
      ...{ port: 0, authority: file('ca.pem', authority.own.certificate) },
      ...{ certificate: file('host.pem', hostCertificate.certificate), key: file('host.key', hostCertificate.key) },
    },
    ...{ version: 'conformance', logLevel: 'silent', simulationSeed: seed },
  });
  await platform.setFleetPassword(PASSWORD);
  const api = new PlatformApi(platform.url);
  await api.signIn('fleet', PASSWORD);
  const bureau = new PlatformApi(platform.url);
  await bureau.signIn('fleet-bureau', PASSWORD);
  const zone = await api.openZone('conformance', 'terminals', random);
  const cardZone = await bureau.openZone('conformance', 'cards', random);
  return {
    ...{ platform, api, zone, bureau, cardZone, random, seed, blueprintDirectory, password: PASSWORD },
    ...{ authority, hostCertificate },
    close: async () => {
      await platform.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface EnrolledAnswer {
  readonly tpdu: string;
  readonly header: string;
  readonly listKey?: ListKey;
  readonly psam: readonly { readonly label: string; readonly version: number; readonly enciphered: string }[];
  readonly terminals: readonly {
    readonly terminalNo: string;
    readonly merchantNo: string;
    readonly operatorCode: string;
    readonly batchNo: number;
    readonly masterKey: string;
  }[];
}

/** A bus validator that was never there before. */
export async function enrolFresh(own: OwnPlatform): Promise<TerminalIdentity> {
  return (await enrolWithPsam(own)).identity;
}

/** The same, with the keys of its PSAM. */
export async function enrolWithPsam({ api, zone, random }: OwnPlatform): Promise<{
  readonly identity: TerminalIdentity;
  readonly psam: readonly LoadedKey[];
  /** Whose deny lists it believes. */
  readonly listKey: ListKey | undefined;
}> {
  const [operator] = await api.post<{ id: string }[]>('/api/enrolment/operators', [
    { name: 'Conformance bus', mode: 'bus' },
  ]);
  const answer = await api.post<EnrolledAnswer>('/api/enrolment/terminals', {
    zoneId: zone.zoneId,
    terminals: [{ deviceNo: `C${toHex(random(8))}`, profile: 'bus-validator', operatorId: operator!.id, route: '101' }],
  });
  const [enrolled] = answer.terminals;
  if (enrolled === undefined)
    throw new PolycardError('POLYCARD_CONFORM_ENROLMENT', 'our platform enrolled no terminal');
  const identity = {
    ...{ terminal: enrolled.terminalNo, merchant: enrolled.merchantNo, operatorCode: enrolled.operatorCode },
    ...{ tpdu: fromHex(answer.tpdu), header: fromHex(answer.header), batch: String(enrolled.batchNo).padStart(6, '0') },
    masterKey: decipherFromZone(zone.key, fromHex(enrolled.masterKey)),
  };
  const psam = answer.psam.map(({ label, version, enciphered }) => ({
    ...{ label, version, key: decipherFromZone(zone.key, fromHex(enciphered)) },
  }));
  return { identity, psam, listKey: answer.listKey };
}
