import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PlatformProcess } from './platform-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'polycard-up-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

// how long a start takes is judged by acceptance taps.1
describe('polycard up', () => {
  let password = '';

  it('is ready at first start, prints the first accounts, answers health, refuses a second instance, stops on Ctrl-C', async () => {
    const platform = new PlatformProcess({ data: directory });
    const ready = await platform.ready;
    expect(ready.firstAccounts.map((account) => account.name)).toEqual([
      ...['operator', 'auditor', 'bureau-agent', 'terminal-agent'],
    ]);
    password = ready.firstAccounts[0]!.password;
    const health = await fetch(`${ready.url}/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ status: 'ok', database: 'pglite', version: expect.any(String) });

    const second = new PlatformProcess({ data: directory });
    await expect(second.ready).rejects.toThrow(/another platform \(process \d+\) is running/);
    expect(second.errors).not.toMatch(/\n\s+at /);

    expect(await platform.end('SIGINT')).toBe(0);
  });

  it('is ready at a later start, makes no new accounts, and knows the first password', async () => {
    const platform = new PlatformProcess({ data: directory });
    const ready = await platform.ready;
    expect(ready.firstAccounts).toEqual([]);
    const signIn = (secret: string): Promise<Response> =>
      fetch(`${ready.url}/api/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'operator', password: secret }),
      });
    expect((await signIn(`${password}x`)).status).toBe(401);
    const signedIn = await signIn(password);
    expect(signedIn.status).toBe(200);
    const cookie = signedIn.headers.get('set-cookie')!;
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/i);

    const without = await fetch(`${ready.url}/api/taps`);
    expect(without.status).toBe(401);
    expect(await without.json()).toMatchObject({
      code: 'POLYCARD_SESSION_REQUIRED',
      message: { en: expect.any(String), zh: expect.any(String) },
    });
    const bad = await fetch(`${ready.url}/api/taps?pageSize=5000`, { headers: { cookie: cookie.split(';')[0]! } });
    expect(bad.status).toBe(400);
    expect(await bad.json()).toMatchObject({ code: 'POLYCARD_API_INPUT', where: expect.stringContaining('pageSize') });
    expect(await platform.end('SIGTERM')).toBe(0);
  });

  it('says which port is taken', async () => {
    const platform = new PlatformProcess({ data: directory });
    const { url } = await platform.ready;
    const other = mkdtempSync(join(tmpdir(), 'polycard-up-'));
    const second = new PlatformProcess({ data: other, port: Number(new URL(url).port) });
    await expect(second.ready).rejects.toThrow(/port \d+ is taken/);
    await platform.end('SIGTERM');
    rmSync(other, { recursive: true, force: true });
  });
});
