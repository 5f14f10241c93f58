/**
 * With `POLYCARD_EVIDENCE=DIR` (the test command sets it) the whole test run leaves what it produced there: data
 * directories when a test would remove them, answers and error texts of the API, output of platforms that ran as a
 * process, killed ones too. The last step of the run searches all of it for keys and account numbers.
 */
import fs, { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';

const evidence = process.env['POLYCARD_EVIDENCE'];

export function leaveEvidence(name: 'answers' | 'errors' | 'output', text: string): void {
  if (evidence === undefined || text === '') return;
  mkdirSync(evidence, { recursive: true, mode: 0o700 });
  appendFileSync(join(evidence, `${name}-${process.pid}.txt`), `${text}\n`, { mode: 0o600 });
}

/** A test that removes a region's directory hands it over instead. */
function keepRegions(directory: string): void {
  const remove = fs.rmSync;
  let kept = 0;
  fs.rmSync = (path, options) => {
    const isRegion = typeof path === 'string' && existsSync(join(path, 'vault', 'keystore.json'));
    if (!isRegion) return remove(path, options);
    mkdirSync(join(directory, 'regions'), { recursive: true, mode: 0o700 });
    fs.renameSync(path, join(directory, 'regions', `${basename(path)}-${process.pid}-${kept++}`));
  };
  syncBuiltinESMExports();
}

function keepAnswers(): void {
  const send = globalThis.fetch;
  globalThis.fetch = async (...request) => {
    const response = await send(...request);
    if (!/^(application\/json|text\/)/.test(response.headers.get('content-type') ?? '')) return response;
    const text = await response.clone().text();
    leaveEvidence(response.ok ? 'answers' : 'errors', text);
    return response;
  };
}

if (evidence !== undefined) {
  keepRegions(evidence);
  keepAnswers();
}
