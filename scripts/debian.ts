/**
 * Debian packages that tests need: PostgreSQL 15 or newer, headless Chromium, a CJK font, SoftHSM2, PC/SC with a virtual reader and
 * independent programs for it. Installed when missing.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

export const CHROMIUM = '/usr/bin/chromium';
const IP = ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip'];
const SOFTHSM = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/bin/softhsm2-util'];

/** Folder with initdb, pg_ctl and postgres. */
export function postgresqlBin(): string | undefined {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  const versions = readdirSync(root)
    .filter((name) => Number(name) >= 15 && existsSync(`${root}/${name}/bin/initdb`))
    .sort((a, b) => Number(b) - Number(a));
  return versions[0] === undefined ? undefined : `${root}/${versions[0]}/bin`;
}

const NEEDED: readonly { readonly packages: readonly string[]; readonly present: () => boolean }[] = [
  { packages: ['postgresql'], present: () => postgresqlBin() !== undefined },
  { packages: ['chromium'], present: () => existsSync(CHROMIUM) },
  { packages: ['softhsm2'], present: () => SOFTHSM.every((path) => existsSync(path)) },
  { packages: ['pcscd', 'libpcsclite1'], present: () => existsSync('/usr/sbin/pcscd') },
  { packages: ['vsmartcard-vpcd'], present: () => existsSync('/usr/lib/pcsc/drivers/serial/libifdvpcd.so') },
  { packages: ['opensc'], present: () => existsSync('/usr/bin/opensc-tool') },
  { packages: ['pcsc-tools'], present: () => existsSync('/usr/bin/pcsc_scan') },
  { packages: ['cardpeek'], present: () => existsSync('/usr/bin/cardpeek') },
  { packages: ['xvfb', 'xauth'], present: () => existsSync('/usr/bin/Xvfb') && existsSync('/usr/bin/xauth') },
  { packages: ['openssl'], present: () => existsSync('/usr/bin/openssl') },
  { packages: ['iproute2'], present: () => IP.some((path) => existsSync(path)) },
  { packages: ['fonts-noto-cjk'], present: () => existsSync('/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc') },
];

export function installMissingPackages(): void {
  const missing = NEEDED.filter((need) => !need.present()).flatMap((need) => need.packages);
  if (missing.length === 0) return;
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  process.stdout.write(`Installing Debian packages for the tests: ${missing.join(' ')}\n`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = (...args: string[]): void => {
    const [command, ...rest] = [...prefix, 'apt-get', '-qq', '-o', 'Dpkg::Use-Pty=0', ...args];
    execFileSync(command!, rest, { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
  };
  if (spawnSync('apt-get', ['--version']).status !== 0) {
    throw new Error(`the tests need ${missing.join(', ')}: install them with your system's package manager`);
  }
  run('update');
  run('install', '-y', '--no-install-recommends', ...missing);
}
