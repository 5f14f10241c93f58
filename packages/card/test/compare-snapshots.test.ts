import { encodePutKey, KEY_TYPE_AES, personaliseCard } from '@polycard/globalplatform';
import { describe, expect, it } from 'vitest';
import { compareSnapshots } from '../src/index.ts';
import { activateMetro, CardTerminal, metroExit } from './card-terminal.ts';
import { hostOptions, issuerCard, openDomain, recordedApplications, swOf } from './issuer.ts';
import { personalisedCard } from './transcript-card.ts';

const PBOC = 'A000000333010101';
const paths = (...given: Parameters<typeof compareSnapshots>) => compareSnapshots(...given).map(({ path }) => path);

describe('two snapshots compared', () => {
  it('are equal when the card is', () => {
    const card = personalisedCard();
    expect(compareSnapshots(card.snapshot(), card.snapshot())).toEqual([]);
    expect(compareSnapshots(card.snapshot(), personalisedCard().snapshot())).toEqual([]);
  });

  it('show what a tap changed in memory, and nothing else', () => {
    const terminal = new CardTerminal(personalisedCard());
    activateMetro(terminal);
    const before = terminal.card.snapshot();
    metroExit(terminal, 300, 1);
    const changed = compareSnapshots(before, terminal.card.snapshot());
    expect(changed.every(({ path }) => path.startsWith(`applications/${PBOC}/memory/`))).toBe(true);
    expect(changed).toContainEqual({
      ...{ path: `applications/${PBOC}/memory/9F79`, before: '000000100000', after: '000000099700' },
    });
    // a record holds its key: it is not shown
    expect(changed.find(({ path }) => path.endsWith('/records'))!.after).toMatch(/^\d+ bytes, \d+ of them other$/);
  });

  it('show installation, keys by check value, states and objects, and no secret', async () => {
    const card = issuerCard();
    const before = card.snapshot();
    await personaliseCard(card, recordedApplications(), hostOptions());
    const session = await openDomain(card);
    const keys = [1, 2, 3].map((byte) => ({ type: KEY_TYPE_AES, key: new Uint8Array(16).fill(byte) }) as const);
    await session.sendExpectingSuccess(
      encodePutKey({ replaces: 0, version: 0x31, firstId: 1, keys }, session.messaging),
    );
    expect(await swOf(session, '80F0800700')).toBe('9000');
    expect(await swOf(session, '80E29000074205' + '0102030405')).toBe('9000');
    const differences = compareSnapshots(before, card.snapshot());
    const byPath = new Map(differences.map((difference) => [difference.path, difference]));
    expect(byPath.get('registry/cardState')).toEqual({ path: 'registry/cardState', before: '01', after: '07' });
    expect(byPath.get(`registry/applications/${PBOC}/state`)).toMatchObject({ after: '07' });
    expect(byPath.get('registry/objects/0042')).toMatchObject({ after: '0102030405' });
    expect(byPath.get('registry/keys/31/checkValues')?.after).toMatch(/^[0-9A-F]{6} [0-9A-F]{6} [0-9A-F]{6}$/);
    expect(byPath.get(`applications/${PBOC}/groupings/8000`)).toMatchObject({ after: 'secret, 48 bytes' });
    const secrets = recordedApplications()[2]!.groupings.filter(({ secret }) => secret !== undefined);
    const text = JSON.stringify(differences);
    expect(text).not.toContain('6228480000000000015');
    for (const { data } of secrets) expect(text).not.toContain(Buffer.from(data).toString('hex').toUpperCase());
    expect(paths(card.snapshot(), before).length).toBe(differences.length);
  });

  it('tell that a secret is another one', () => {
    const changes = [
      { dgi: '8020', data: '00'.repeat(48) },
      { dgi: '9020', data: '8CA64D'.repeat(3) },
    ];
    const other = personalisedCard({ changes });
    expect(compareSnapshots(personalisedCard().snapshot(), other.snapshot())).toContainEqual({
      ...{
        path: `applications/${PBOC}/groupings/8020`,
        before: 'secret, 48 bytes',
        after: 'secret, 48 bytes, with other content',
      },
    });
  });
});
