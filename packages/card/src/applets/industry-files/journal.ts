/**
 * BEGIN (80 10 00 01) and COMMIT (84 10 00 02): several updates become true together. COMMIT carries a MAC under the line
 * key and answers the TAC, which only the host can check. Reference industries.md §0.3, §1.4.
 */
import {
  type CommandApdu,
  concat,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6581_MEMORY_FAILURE,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { industryTac } from '@polycard/emv';
import { CLA_MANAGEMENT, type CommandResult, type IndustryContext } from './context.ts';
import type { QueuedChange } from './files.ts';
import { unprotect } from './secure-messaging.ts';

const P2_BEGIN = 0x01;
const P2_COMMIT = 0x02;
/** A card has only so much room for what waits. */
const QUEUE_BYTES_MAX = 2048;

/** Done at once, or with the COMMIT when a BEGIN is open. */
export function change({ session, memory, files }: IndustryContext, queued: QueuedChange): void {
  if (session.queue === undefined) memory.commit(files.writes([queued]));
  else session.queue.push(queued);
}

/** What the TAC speaks of: the parts of the appended record the specification names, else everything that was written. */
function proofInput({ image }: IndustryContext, changes: readonly QueuedChange[]): Uint8Array {
  const { proof } = image;
  const record = proof && changes.findLast(({ file, append }) => append && file.sfi === proof.sfi)?.bytes;
  if (proof === undefined || record === undefined) return concat(...changes.map(({ bytes }) => bytes));
  return concat(...proof.parts.map(([offset, length]) => record.subarray(offset, offset + length)));
}

function commit(context: IndustryContext, command: CommandApdu): CommandResult {
  const { image, session, memory, files } = context;
  const line = image.keys.find(({ use }) => use === 'secure-messaging')?.reference ?? 0;
  const changes = session.queue;
  if (changes === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const opened = unprotect(context, command, line, 'mac');
  if (typeof opened === 'number') return { sw: opened };
  if (opened.data.length !== 0) return { sw: SW_6700_WRONG_LENGTH };
  session.queue = undefined;
  const bytes = changes.reduce((sum, queued) => sum + queued.bytes.length, 0);
  if (bytes > QUEUE_BYTES_MAX) return { sw: SW_6581_MEMORY_FAILURE };
  const proofKey = image.keys.find(({ use }) => use === 'transaction-proof')?.reference;
  const key = proofKey === undefined ? undefined : context.key(proofKey);
  memory.commit(files.writes(changes));
  if (key === undefined) return { sw: SW_9000_SUCCESS };
  return { sw: SW_9000_SUCCESS, data: industryTac(image.algorithm, key.key, proofInput(context, changes)) };
}

export function beginOrCommit(context: IndustryContext, command: CommandApdu): CommandResult {
  const { cla, p1, p2 } = command;
  if (p1 !== 0 || (p2 !== P2_BEGIN && p2 !== P2_COMMIT)) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (cla !== (p2 === P2_BEGIN ? 0x80 : CLA_MANAGEMENT)) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p2 === P2_COMMIT) return commit(context, command);
  if (command.data.length !== 0) return { sw: SW_6700_WRONG_LENGTH };
  context.session.queue = [];
  return { sw: SW_9000_SUCCESS };
}
