/** Cards broken on purpose: a good one behind something that changes its answers, or does on the card what it should not. */
import { concat, fromHex, parseCommand, parseResponse, parseTlv, type TlvNode, toHex } from '@polycard/bytes';
import type { BrokenVariant } from '../case.ts';
import type { TestCard } from './test-card.ts';

export interface BrokenCard extends BrokenVariant {
  readonly kind: 'card';
  readonly make: (card: TestCard) => TestCard;
}

type Answer = (command: Uint8Array, response: Uint8Array, card: TestCard) => Uint8Array;
const INS = { select: 0xa4, options: 0xa8, readRecord: 0xb2, updateCapp: 0xde, prove: 0x5a, getData: 0xca } as const;
const SW_OK = fromHex('9000');
const swOf = (response: Uint8Array): string => toHex(response.subarray(response.length - 2));
const isFor = (command: Uint8Array, ins: number): boolean => command[1] === ins;

/** The first object of this tag gets these bytes; of the same length, so that nothing else moves. */
function withValue(response: Uint8Array, tag: string, change: (value: Uint8Array) => Uint8Array): Uint8Array {
  const find = (nodes: readonly TlvNode[]): TlvNode | undefined => {
    for (const node of nodes) {
      const found = node.tag === tag ? node : node.children === undefined ? undefined : find(node.children);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  let node: TlvNode | undefined;
  try {
    node = find(parseTlv(response.subarray(0, response.length - 2)));
  } catch {
    node = undefined;
  }
  if (node === undefined) return response;
  const [whole, value] = [toHex(response), toHex(node.value)];
  const at = whole.indexOf(tag);
  const start = whole.indexOf(value, at + tag.length);
  return fromHex(whole.slice(0, start) + toHex(change(node.value)) + whole.slice(start + value.length));
}

const broken = (
  name: string,
  en: string,
  zh: string,
  fails: string | readonly string[],
  make: (card: TestCard) => TestCard,
): BrokenCard => ({
  ...{ kind: 'card', name, breaks: { en, zh }, fails: typeof fails === 'string' ? [fails] : fails, make },
});

const passing = (card: TestCard, transmit: TestCard['transmit'], reset?: () => void): TestCard => ({
  transmit,
  reset: () => {
    card.reset();
    reset?.();
  },
  ...(card.virtual === undefined ? {} : { virtual: card.virtual }),
});
const answering =
  (answer: () => Answer) =>
  (card: TestCard): TestCard => {
    const change = answer();
    return passing(card, (command) => change(command, card.transmit(command), card));
  };
const insteadOf = (ins: number | undefined, sw: string, given: string): ((card: TestCard) => TestCard) =>
  answering(
    () => (command, response) =>
      (ins === undefined || isFor(command, ins)) && swOf(response) === sw ? fromHex(given) : response,
  );

/** The first value seen of a tag in answers to GPO, again and again. */
const stuck = (tag: string): ((card: TestCard) => TestCard) =>
  answering(() => {
    let first: Uint8Array | undefined;
    return (command, response) => {
      if (!isFor(command, INS.options)) return response;
      return withValue(response, tag, (value) => {
        first ??= Uint8Array.from(value);
        return first;
      });
    };
  });

export const BROKEN_CARDS: readonly BrokenCard[] = [
  broken('no-directory', 'The directory is not there', '没有PPSE目录', 'card.ppse', (card) =>
    passing(card, (command) =>
      isFor(command, INS.select) && toHex(command).includes('325041592E') ? fromHex('6A82') : card.transmit(command),
    ),
  ),
  broken(
    'any-name-selected',
    'A name that is not there is answered as if it were',
    '选择任意名称均成功',
    'card.select.unknown',
    answering(() => {
      let last: Uint8Array = SW_OK;
      return (command, response) => {
        if (!isFor(command, INS.select)) return response;
        if (swOf(response) === '9000') last = response;
        return swOf(response) === '6A82' ? last : response;
      };
    }),
  ),
  broken('counter-stuck', 'The transaction counter stays', '交易计数器不变', 'card.atc.increases', stuck('9F36')),
  broken(
    'cryptogram-stuck',
    'Every transaction has the same cryptogram',
    '交易密文不变',
    'card.cryptogram.fresh',
    stuck('9F26'),
  ),
  broken(
    'signature-spoilt',
    "The card's signature has one wrong byte",
    '动态签名错误',
    'card.oda.signature',
    answering(
      () => (_command, response) =>
        withValue(response, '9F4B', (value) => {
          const changed = Uint8Array.from(value);
          changed[10]! ^= 1;
          return changed;
        }),
    ),
  ),
  broken(
    'length-unchecked',
    'Data shorter than the PDOL asks for are filled up',
    '不检查PDOL数据长度',
    'card.gpo.length',
    (card) =>
      passing(card, (command) => {
        const response = card.transmit(command);
        if (!isFor(command, INS.options) || swOf(response) === '9000') return response;
        for (let missing = 1; missing < 8; missing++) {
          const data = concat(command.subarray(7, command.length - 1), new Uint8Array(missing));
          const head = Uint8Array.of(0x80, 0xa8, 0, 0, data.length + 2, 0x83, data.length);
          const again = card.transmit(concat(head, data, Uint8Array.of(0)));
          if (swOf(again) === '9000') return again;
        }
        return response;
      }),
  ),
  broken(
    'record-beyond-the-last',
    'Records that are not there are answered with the last one',
    '读取不存在的记录返回数据',
    'card.record.absent',
    answering(() => {
      let last: Uint8Array = fromHex('70009000');
      return (command, response) => {
        if (!isFor(command, INS.readRecord)) return response;
        if (swOf(response) === '9000') last = response;
        return swOf(response) === '6A83' ? last : response;
      };
    }),
  ),
  broken(
    'records-without-template',
    'Records come without their template',
    '记录缺少70模板',
    'card.records.readable',
    answering(
      () => (command, response) =>
        isFor(command, INS.readRecord) && response[0] === 0x70
          ? response.subarray(response[1]! < 0x80 ? 2 : response[1] === 0x81 ? 3 : 4)
          : response,
    ),
  ),
  broken(
    'mac-unchecked',
    'An update with a wrong MAC is accepted',
    '不校验更新MAC',
    'card.capp.mac',
    insteadOf(INS.updateCapp, '6988', '9000'),
  ),
  broken(
    'update-outside-transaction',
    'Updates are accepted outside a transaction',
    '非交易状态接受更新',
    'card.capp.without-transaction',
    answering(() => (command, response) => (isFor(command, INS.updateCapp) ? SW_OK : response)),
  ),
  broken(
    'proof-of-anything',
    'A proof is given for transactions that never were',
    '对未发生的交易给出证明',
    'card.capp.prove-unknown',
    insteadOf(INS.prove, '9406', `${'5A'.repeat(8)}9000`),
  ),
  broken(
    'any-instruction',
    'Instructions that are not there are answered with 9000',
    '未知指令返回9000',
    'card.status.ins',
    insteadOf(undefined, '6D00', '9000'),
  ),
  broken(
    'spends-at-once',
    'The balance goes down at GET PROCESSING OPTIONS already',
    'GPO即扣款',
    ['card.torn.before-last'],
    (card) =>
      passing(card, (command) => {
        const response = card.transmit(command);
        if (isFor(command, INS.options) && swOf(response) === '9000') readAll(card, response);
        return response;
      }),
  ),
  broken(
    'spends-what-is-not-there',
    'Amounts over the balance are approved',
    '超余额批准',
    'card.decline.over-balance',
    (card) =>
      passing(card, (command) => {
        const text = toHex(command);
        const isTooMuch = isFor(command, INS.options) && text.includes('000099999999');
        return card.transmit(isTooMuch ? fromHex(text.replace('000099999999', '000000000001')) : command);
      }),
  ),
  broken(
    'remembers-over-reset',
    'The selected application stays selected over a reset',
    '复位后仍保持选择',
    'card.reset.forgets',
    (card) => {
      let selected: Uint8Array | undefined;
      return passing(
        card,
        (command) => {
          const response = card.transmit(command);
          if (isFor(command, INS.select) && swOf(response) === '9000') selected = Uint8Array.from(command);
          return response;
        },
        () => {
          if (selected !== undefined) card.transmit(selected);
        },
      );
    },
  ),
  broken(
    'noise-locks-it',
    'After a command that cannot be read the card answers 6F00 for good',
    '异常指令后卡片失效',
    'card.noise',
    (card) => {
      let isDead = false;
      return passing(card, (command) => {
        isDead ||= isMalformed(command);
        return isDead ? fromHex('6F00') : card.transmit(command);
      });
    },
  ),
  broken('slow', 'Each answer takes 150 ms longer', '应答缓慢', 'card.time.purchase', (card) =>
    passing(card, (command) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
      return card.transmit(command);
    }),
  ),
];

/** Its length does not say what it holds. */
function isMalformed(command: Uint8Array): boolean {
  try {
    parseCommand(command);
    return false;
  } catch {
    return true;
  }
}

/** Reads every record of an AFL: on a PBOC card that commits the purchase. */
function readAll(card: TestCard, options: Uint8Array): void {
  let afl: Uint8Array | undefined;
  withValue(options, '94', (value) => {
    afl = Uint8Array.from(value);
    return value;
  });
  for (let at = 0; at < (afl?.length ?? 0); at += 4) {
    for (let record = afl![at + 1]!; record <= afl![at + 2]!; record++) {
      const { sw } = parseResponse(card.transmit(Uint8Array.of(0, 0xb2, record, (afl![at]! & 0xf8) | 4, 0)));
      if (sw !== 0x9000) return;
    }
  }
}
