/** keys.2: the replay with keys in SoftHSM2: same result, keys that stay inside, a wrong PIN, a destroyed master key. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatePlan, type ReplayResult, replay } from '@polycard/fleet';
import { readBlueprint } from '@polycard/platform';
import { PlatformProcess } from '../../e2e/platform-process.ts';
import { runReplay } from '../../e2e/polycard-command.ts';
import { realRecords } from '../../e2e/records-source.ts';
import { CKA, CKO } from '../../packages/vault/src/pkcs11/constants.ts';
import { parsePkcs11Address } from '../../packages/vault/src/pkcs11/pkcs11-vault.ts';
import { labelAttribute, TokenSession } from '../../packages/vault/src/pkcs11/session.ts';
import { makeToken, type TestToken } from '../../packages/vault/test/softhsm.ts';
import { type AcceptanceItem, Findings, figure } from './item.ts';

const BLUEPRINT = fileURLToPath(new URL('../../blueprints/guangdong', import.meta.url));
const TAPS = 2000;
const TAPS_AFTER_DESTRUCTION = 60;
/** The issuing bank of the generated cards whose master key is destroyed. */
const DESTROYED = 'polycard:pearl-river-bank:imk-ac#1';

/** Everything but what time decides. */
function comparable({ tapTime: _tapTime, elapsedMs: _elapsedMs, ...rest }: ReplayResult): unknown {
  return rest;
}

function inToken<T>(token: TestToken, work: (session: TokenSession) => T): T {
  process.env['SOFTHSM2_CONF'] = token.environment.SOFTHSM2_CONF;
  const session = new TokenSession(parsePkcs11Address(token.address), token.environment.POLYCARD_PKCS11_PIN);
  try {
    return work(session);
  } finally {
    session.close();
  }
}

/** Label and promises of every secret and private key of the token. */
function keysIn(token: TestToken) {
  return inToken(token, (session) =>
    [CKO.SECRET_KEY, CKO.PRIVATE_KEY].flatMap((keyClass) =>
      session
        .find([
          [CKA.CLASS, keyClass],
          [CKA.TOKEN, true],
        ])
        .map((object) => {
          const flag = (type: number): boolean => session.attribute(object, type, 1)[0] === 1;
          const readable = ((): boolean => {
            try {
              session.attribute(object, CKA.VALUE, 64);
              return true;
            } catch {
              return false;
            }
          })();
          return {
            label: new TextDecoder().decode(session.attribute(object, CKA.LABEL, 200)),
            kept: flag(CKA.SENSITIVE) && flag(CKA.ALWAYS_SENSITIVE) && flag(CKA.NEVER_EXTRACTABLE) && !readable,
          };
        }),
    ),
  );
}

async function replayInToken(plant: string | undefined): Promise<string[]> {
  const findings = new Findings();
  const token = makeToken();
  const real = realRecords();
  const source = real === undefined ? ['--generate', String(TAPS), '--seed', '7'] : [real, '--format', 'shenzhen'];
  figure('taps from', real === undefined ? `the generator, ${TAPS}` : 'the real records');
  try {
    const software = await runReplay(source);
    const planted = plant === 'cryptogram-changed' ? ['--faults', 'cryptogram=1'] : [];
    const inside = await runReplay([...source, ...planted, '--vault', token.address], token.environment);
    findings.equal([software.code, inside.code], [0, 0], 'exit codes');
    if (software.result === undefined || inside.result === undefined) {
      return [...findings.list, `no result: ${software.err}${inside.err}`];
    }
    figure(
      'cryptograms verified, failed',
      `${inside.result.cryptograms.verified}, ${inside.result.cryptograms.failed}`,
    );
    figure('elapsed, software keystore, ms', software.result.elapsedMs);
    figure('elapsed, SoftHSM2, ms', inside.result.elapsedMs);
    findings.equal(comparable(inside.result), comparable(software.result), 'result in the token');

    const keys = keysIn(token);
    figure('keys in the token', keys.length);
    findings.expect(keys.length >= 10, `the token holds ${keys.length} keys`);
    for (const { label, kept } of keys) {
      findings.expect(label.startsWith('polycard:'), `a key is labelled ${label}`);
      findings.expect(kept, `${label} can be taken out`);
    }

    const wrongPin = await runReplay(['--generate', '50', '--vault', token.address], {
      ...token.environment,
      ...(plant === 'pin-not-asked' ? {} : { POLYCARD_PKCS11_PIN: '000000' }),
    });
    figure('wrong PIN: exit code', wrongPin.code);
    findings.equal(wrongPin.code, 3, 'exit code with a wrong PIN');
    findings.expect(/POLYCARD_VAULT_PIN/.test(wrongPin.err), `a wrong PIN said: ${wrongPin.err.slice(0, 200)}`);

    await destroyedKey(token, plant, findings);
    const after = keysIn(token).map(({ label }) => label);
    findings.expect(
      keys.every(({ label }) => label === DESTROYED || after.includes(label)),
      'keys of the first run are gone after later ones',
    );
  } finally {
    token.remove();
  }
  return findings.list;
}

/** A master key is destroyed in the token while the platform runs: its cryptograms fail by name, the others verify. */
async function destroyedKey(token: TestToken, plant: string | undefined, findings: Findings): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'polycard-token-'));
  const platform = new PlatformProcess({
    data: directory,
    environment: { ...token.environment, POLYCARD_FLEET_PASSWORD: 'acceptance-fleet' },
    args: ['--vault', token.address],
  });
  try {
    const ready = await platform.ready;
    const [host, port] = ready.gateway.split(':') as [string, string];
    const blueprint = readBlueprint(BLUEPRINT);
    const plan = generatePlan(blueprint, { taps: TAPS_AFTER_DESTRUCTION, seed: '7', from: '20180901063000' });
    let destroyed = plant === 'key-not-destroyed';
    const result = await replay(plan, {
      ...{ platformUrl: ready.url, gateway: { host, port: Number(port) }, seed: '7', faults: {}, traceFile: undefined },
      account: { name: 'fleet', password: 'acceptance-fleet' },
      bureau: { name: 'fleet-bureau', password: 'acceptance-fleet' },
      cardRsaBits: blueprint.cards.profile.cardRsaBits,
      report: () => undefined,
      closeDays: false,
      // before the first tap: the cards are issued, nothing is uploaded yet
      pace: async () => {
        if (destroyed) return;
        destroyed = true;
        inToken(token, (session) => {
          for (const object of session.find([[CKA.CLASS, CKO.SECRET_KEY], labelAttribute(DESTROYED)])) {
            session.destroy(object);
          }
        });
      },
    });
    const cookie = await signIn(ready.url, ready.firstAccounts[0]!);
    const answer = await fetch(`${ready.url}/api/exceptions?reason=cryptogram&pageSize=200`, { headers: { cookie } });
    const { rows } = (await answer.json()) as { rows: { explanation: { en: string } }[] };
    figure('after its destruction: verified, failed', `${result.cryptograms.verified}, ${result.cryptograms.failed}`);
    figure('an exception says', rows[0]?.explanation.en ?? 'nothing');
    findings.expect(result.cryptograms.failed > 0, 'no cryptogram failed after its master key was destroyed');
    findings.expect(result.cryptograms.verified > 0, 'cryptograms of the other issuers failed too');
    findings.equal(rows.length, result.cryptograms.failed, 'exceptions for failed cryptograms');
    findings.expect(
      rows.every(({ explanation }) => explanation.en.includes('pearl-river-bank:imk-ac#1 was destroyed')),
      'an exception does not name the destroyed key',
    );
  } finally {
    await platform.end('SIGINT');
    rmSync(directory, { recursive: true, force: true });
  }
}

async function signIn(url: string, account: { name: string; password: string }): Promise<string> {
  const answer = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: account.name, password: account.password }),
  });
  return (answer.headers.get('set-cookie') ?? '').split(';')[0]!;
}

export const KEYS_2: AcceptanceItem = {
  title: 'the replay with keys in SoftHSM2',
  plants: ['cryptogram-changed', 'pin-not-asked', 'key-not-destroyed'],
  run: replayInToken,
};
