import { PolycardError, toHex } from '@polycard/bytes';
import { randomInteger, seededRandom } from '@polycard/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contentOf,
  countOf,
  type DenyEntry,
  DenyLookUp,
  decodeContent,
  EMPTY_CONTENT,
  encodeContent,
  encodeDelta,
  encodeSnapshot,
  entriesOf,
  entryKey,
  FIRST_LIST,
  freshnessOf,
  informationBoundBits,
  type ListVersion,
  liabilityOf,
  receive,
  receiveChain,
  wayFrom,
} from '../src/index.ts';
import { denied, denseCard, issuer, someEntries, sparseCard, withCheckDigit } from './lists.ts';

const list = (version: number, entries: readonly DenyEntry[]): ListVersion => ({
  version,
  issuedAt: 1000 + version,
  content: contentOf(entries),
});
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof PolycardError ? error.code : `not ours: ${String(error)}`;
  }
  return 'no error';
};
const arbitraryEntry: fc.Arbitrary<DenyEntry> = fc.record({
  cardNo: fc.stringMatching(/^\d{8,19}$/),
  scope: fc.constantFrom('card', 'metro', 'bus'),
  reason: fc.constantFrom('lost', 'stolen', 'arrears'),
  lockOnSight: fc.boolean(),
});

describe('content', () => {
  it('gives back every entry, with and without check digit, and equal lists are equal bytes in any order', () => {
    fc.assert(
      fc.property(fc.array(arbitraryEntry, { maxLength: 60 }), (entries) => {
        const content = contentOf(entries);
        const bytes = encodeContent(content);
        expect(toHex(encodeContent(contentOf([...entries].reverse())))).toBe(toHex(bytes));
        const again = [...entriesOf(decodeContent(bytes))];
        const wanted = new Set(entries.map((entry) => JSON.stringify(entry)));
        expect(new Set(again.map((entry) => JSON.stringify(entry)))).toEqual(wanted);
        expect(countOf(content)).toBe(wanted.size);
      }),
    );
  });

  it.each([
    ['cardNo', denied('1234567')],
    ['cardNo', denied('12345678901234567890')],
    ['cardNo', denied('62144400000000000x')],
    ['scope', denied(denseCard(1), { scope: 'Metro!' })],
    ['reason', denied(denseCard(1), { reason: 'no reason' })],
  ])('refuses a wrong %s by name and never shows a whole number', (where, entry) => {
    try {
      contentOf([entry]);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'POLYCARD_DENY_LIST_ENTRY', where });
      expect((error as Error).message).not.toContain(entry.cardNo);
    }
  });
});

describe('look-up', () => {
  const entries = someEntries('look-up', 20_000);
  const lookUp = new DenyLookUp(contentOf(entries));
  const wholeCard = new Set(entries.filter(({ scope }) => scope === 'card').map(({ cardNo }) => cardNo));
  const metroOnly = new Set(
    entries.filter(({ scope, cardNo }) => scope === 'metro' && !wholeCard.has(cardNo)).map(({ cardNo }) => cardNo),
  );

  it('finds every listed card, and no application but its own', () => {
    for (const cardNo of wholeCard) expect(lookUp.find(cardNo, 'bus')?.scope).toBe('card');
    for (const cardNo of metroOnly) {
      expect(lookUp.find(cardNo, 'metro')?.scope).toBe('metro');
      expect(lookUp.find(cardNo, 'bus')).toBeUndefined();
    }
  });

  it('finds no card that is not listed: neighbours, other lengths, wrong check digits, random ones', () => {
    const random = seededRandom('unlisted');
    const listed = new Set(entries.map(({ cardNo }) => cardNo));
    const candidates = [
      ...Array.from({ length: 40_000 }, (_, serial) => denseCard(serial)),
      ...Array.from({ length: 20_000 }, () => sparseCard(random)),
      ...[...listed].map((cardNo) => `${cardNo.slice(0, -1)}${(Number(cardNo.at(-1)) + 1) % 10}`),
      ...[...listed].map((cardNo) => cardNo.slice(0, -1)),
      ...[...listed].map((cardNo) => `621445${cardNo.slice(6)}`),
    ];
    const wrong = candidates.filter((cardNo) => !listed.has(cardNo) && lookUp.find(cardNo, 'metro') !== undefined);
    expect(wrong).toEqual([]);
  });

  it('gives the reason and whether to lock, the whole card before an application', () => {
    const cardNo = denseCard(77);
    const both = new DenyLookUp(
      contentOf([
        denied(cardNo, { scope: 'metro', reason: 'debt' }),
        denied(cardNo, { reason: 'stolen', lockOnSight: true }),
      ]),
    );
    expect(both.find(cardNo, 'metro')).toEqual({ scope: 'card', reason: 'stolen', lockOnSight: true });
  });

  it('is empty for the empty list', () => {
    expect(new DenyLookUp(EMPTY_CONTENT).find(denseCard(1), 'metro')).toBeUndefined();
  });
});

describe('snapshots and deltas', () => {
  const before = list(1, someEntries('chain', 3000));
  const kept = [...entriesOf(before.content)];
  const after = list(2, [...kept.slice(40), ...someEntries('more', 50)]);

  it('a snapshot brings any older terminal to the version, a delta only the one it was made for', () => {
    const snapshot = encodeSnapshot(after, issuer);
    for (const held of [FIRST_LIST, before]) expect(receive(held, snapshot, issuer)).toEqual(after);
    const delta = encodeDelta(before, after, issuer);
    expect(receive(before, delta, issuer)).toEqual(after);
    expect(delta.length).toBeLessThan(snapshot.length / 4);
    expect(codeOf(() => receive(FIRST_LIST, delta, issuer))).toBe('POLYCARD_DENY_LIST_GAP');
    expect(codeOf(() => receive(after, delta, issuer))).toBe('POLYCARD_DENY_LIST_OLDER');
    expect(codeOf(() => receive(after, snapshot, issuer))).toBe('POLYCARD_DENY_LIST_OLDER');
  });

  it('a delta on a list that lost or gained a card is found out by the digest', () => {
    const delta = encodeDelta(before, after, issuer);
    for (const entries of [kept.slice(0, -1), [...kept, denied(denseCard(999_999))]]) {
      const damaged = { ...before, content: contentOf(entries) };
      expect(codeOf(() => receive(damaged, delta, issuer))).toBe('POLYCARD_DENY_LIST_FORMAT');
    }
  });

  it('apply∘difference is identity for any two lists', () => {
    const lists = fc.array(arbitraryEntry, { maxLength: 40 });
    fc.assert(
      fc.property(lists, lists, (a, b) => {
        const [from, to] = [list(1, a), list(2, [...a.slice(a.length >> 1), ...b])];
        expect(receive(from, encodeDelta(from, to, issuer), issuer)).toEqual(to);
      }),
    );
  });

  it('a changed byte anywhere, and a cut at every byte, is refused by name', () => {
    const small = encodeDelta(list(1, someEntries('a', 40)), list(2, someEntries('b', 40)), issuer);
    const held = list(1, someEntries('a', 40));
    for (let at = 0; at < small.length; at++) {
      const changed = Uint8Array.from(small);
      changed[at]! ^= 0x01;
      expect(codeOf(() => receive(held, changed, issuer))).toMatch(/^POLYCARD_(DENY_LIST|BYTES)_/);
      expect(codeOf(() => receive(held, small.subarray(0, at), issuer))).toMatch(/^POLYCARD_(DENY_LIST|BYTES)_/);
    }
  });

  it('content cut anywhere or random is refused by name, also when the signature is right', () => {
    const bytes = encodeContent(contentOf(someEntries('content', 60)));
    for (let length = 0; length < bytes.length; length++)
      expect(codeOf(() => decodeContent(bytes.subarray(0, length)))).toMatch(/^POLYCARD_(DENY_LIST|BYTES)_/);
    const random = seededRandom('random content');
    for (let round = 0; round < 2000; round++)
      expect(codeOf(() => decodeContent(random(1 + randomInteger(random, 80))))).toMatch(
        /^(POLYCARD_(DENY_LIST|BYTES)_.*|no error)$/,
      );
  });
});

describe('the way from an old version', () => {
  let entries = someEntries('history', 2000);
  const versions: ListVersion[] = [FIRST_LIST];
  const deltas: Uint8Array[] = [];
  for (let version = 1; version <= 12; version++) {
    if (version > 1) entries = [...entries.slice(3), denied(denseCard(1_000_000 + version))];
    versions.push(list(version, entries));
    deltas.push(encodeDelta(versions[version - 1]!, versions[version]!, issuer));
  }
  const published = deltas.map((delta, index) => ({ version: index + 1, deltaBytes: delta.length }));
  const snapshot = encodeSnapshot(versions[12]!, issuer);
  const chain = (deltasOf: readonly number[]): Uint8Array =>
    Buffer.concat(deltasOf.map((version) => deltas[version - 1]!));

  it('a terminal that missed five versions gets their deltas and holds the current list after them', () => {
    const way = wayFrom(7, published, snapshot.length);
    expect(way).toEqual({ deltasOf: [8, 9, 10, 11, 12] });
    const bytes = chain([8, 9, 10, 11, 12]);
    expect(bytes.length).toBeLessThan(snapshot.length / 4);
    expect(receiveChain(versions[7]!, bytes, issuer)).toEqual(versions[12]);
  });

  it('is the snapshot where that is shorter, where a delta is gone, and for a version nobody published', () => {
    expect(wayFrom(0, published, snapshot.length)).toBe('snapshot');
    expect(wayFrom(3, published.slice(4), snapshot.length)).toBe('snapshot');
    expect(
      wayFrom(
        10,
        published.map((one) => ({ ...one, deltaBytes: undefined })),
        snapshot.length,
      ),
    ).toBe('snapshot');
    expect(wayFrom(13, published, snapshot.length)).toBe('snapshot');
    expect(wayFrom(12, published, snapshot.length)).toBe('nothing');
    expect(wayFrom(0, [], 0)).toBe('nothing');
    expect(receiveChain(versions[3]!, snapshot, issuer)).toEqual(versions[12]);
  });

  it('a chain with a delta missing, cut or of another signer counts for nothing', () => {
    expect(codeOf(() => receiveChain(versions[7]!, chain([8, 10, 11, 12]), issuer))).toBe('POLYCARD_DENY_LIST_GAP');
    const bytes = chain([8, 9]);
    for (let length = 1; length < bytes.length; length += 7) {
      if (length === deltas[7]!.length) continue;
      expect(codeOf(() => receiveChain(versions[7]!, bytes.subarray(0, length), issuer))).toMatch(
        /^POLYCARD_(DENY_LIST|BYTES)_/,
      );
    }
    const forger = { ...issuer, verify: () => false };
    expect(codeOf(() => receiveChain(versions[7]!, bytes, forger))).toBe('POLYCARD_DENY_LIST_SIGNATURE');
  });
});

describe('freshness', () => {
  const steps = [
    { afterMinutes: 60, state: 'warn' },
    { afterMinutes: 1440, state: 'refuse-above-floor', floorFen: 500 },
    { afterMinutes: 4320, state: 'refuse-all' },
  ] as const;

  it('goes through the states of its steps, whatever their order', () => {
    const states = [0, 3599, 3600, 86_399, 86_400, 259_200].map((age) => freshnessOf(1000, 1000 + age, steps).state);
    expect(states).toEqual(['fresh', 'fresh', 'warn', 'warn', 'refuse-above-floor', 'refuse-all']);
    expect(freshnessOf(0, 90_000, [...steps].reverse())).toEqual({
      state: 'refuse-above-floor',
      ageSeconds: 90_000,
      floorFen: 500,
    });
  });

  it('without any list is as old as can be; without steps always fresh; a clock set back makes no list old', () => {
    expect(freshnessOf(undefined, 0, steps)).toEqual({ state: 'refuse-all', ageSeconds: undefined });
    expect(freshnessOf(undefined, 0, []).state).toBe('fresh');
    expect(freshnessOf(5000, 1000, steps)).toEqual({ state: 'fresh', ageSeconds: 0 });
  });
});

describe('liability', () => {
  const ride = { heldVersion: 4, listedInVersion: 5, listedAt: 1000, tappedAt: 1500, graceSeconds: 600 };

  it('follows the version the terminal had', () => {
    expect(liabilityOf(ride)).toEqual({ party: 'issuer', ground: 'in-distribution' });
    expect(liabilityOf({ ...ride, tappedAt: 1600 })).toEqual({ party: 'operator', ground: 'list-too-old' });
    expect(liabilityOf({ ...ride, heldVersion: 5 })).toEqual({ party: 'operator', ground: 'held-and-accepted' });
  });

  it('there is none before the listing was published, nor after it was taken back', () => {
    expect(liabilityOf({ ...ride, tappedAt: 999 })).toBeUndefined();
    const removed = { ...ride, removedInVersion: 7, removedAt: 1400 };
    expect(liabilityOf(removed)).toBeUndefined();
    expect(liabilityOf({ ...removed, heldVersion: 7 })).toBeUndefined();
    expect(liabilityOf({ ...removed, heldVersion: 6 })).toEqual({ party: 'operator', ground: 'held-and-accepted' });
    expect(liabilityOf({ ...removed, tappedAt: 1399 })).toEqual({ party: 'issuer', ground: 'in-distribution' });
  });
});

describe('figures', () => {
  it('the information bound is the binomial coefficient', () => {
    expect(informationBoundBits(2, 5)).toBeCloseTo(Math.log2(10), 9);
    expect(informationBoundBits(1_000_000, 30_000_000) / 1e6).toBeCloseTo(6.35, 1);
  });

  it('check digits and keys are as the look-up reads them', () => {
    expect(withCheckDigit('621444100001010')).toHaveLength(16);
    expect(entryKey(denied('12345678', { scope: 'bus' }))).toBe('12345678/bus');
  });
});
