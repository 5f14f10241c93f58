/**
 * Builds a version of the list beside the platform, in a worker of its own: a million cards are sorted and compressed
 * while the gateway answers. The worker is given account numbers and gives back unsigned containers; it holds no key.
 */
import { parentPort } from 'node:worker_threads';
import { PolycardError } from '@polycard/bytes';
import { sha256 } from '@polycard/crypto';
import {
  apply,
  ContentBuilder,
  countOf,
  countsOf,
  differenceOf,
  encodeContent,
  FIRST_LIST,
  type ListVersion,
  receive,
  unsignedDelta,
  unsignedSnapshot,
} from '@polycard/deny-list';
import type { BuildAnswer, BuildMessage } from './version-builder.ts';

const coming = new ContentBuilder();
const leaving = new ContentBuilder();

/** The platform's own snapshot out of its own store: sealed there, so its signature is not looked at again. */
const ours = { digest: sha256, verify: () => true };

function build(message: Extract<BuildMessage, { kind: 'build' }>): BuildAnswer {
  const before: ListVersion = message.before === undefined ? FIRST_LIST : receive(FIRST_LIST, message.before, ours);
  const [came, left] = [coming.finish(), leaving.finish()];
  // a card that leaves and comes back for the same reason changes nothing
  const net = differenceOf(left, came);
  const content = apply(before.content, net);
  if (content === undefined)
    throw new PolycardError('POLYCARD_DENY_LIST_FORMAT', 'the changes do not fit the list that was published last');
  const after: ListVersion = { version: message.version, issuedAt: message.issuedAt, content };
  return {
    snapshot: unsignedSnapshot(after, sha256),
    delta: unsignedDelta(before, after, sha256),
    digest: sha256(encodeContent(content)),
    cards: countOf(content),
    added: countOf(net.added),
    removed: countOf(net.removed),
    counts: countsOf(content),
  };
}

parentPort?.on('message', (message: BuildMessage) => {
  if (message.kind === 'changes') {
    const builder = message.what === 'coming' ? coming : leaving;
    for (const change of message.changes) builder.add(change);
    return;
  }
  const answer = build(message);
  parentPort!.postMessage(answer, [answer.snapshot.buffer, answer.delta.buffer] as ArrayBuffer[]);
});
