/** Hosts broken on purpose: the real one behind something that changes one thing on the line. */
import { equalBytes, toHex } from '@polycard/bytes';
import { parseFrame } from '@polycard/iso8583';
import type { BrokenVariant } from '../case.ts';
import type { Credulity } from '../line/tls-front.ts';
import { edited, type Fate, type Interference, isUnder, type Passage } from '../line/watching-proxy.ts';

export interface BrokenHost extends BrokenVariant {
  readonly kind: 'host';
  readonly make: () => Interference;
  /** Its TLS port believes too much. */
  readonly credulity?: Credulity;
}

const codeOf = ({ answer }: Passage): string | undefined => answer.message.text(39);
const as = ({ answer }: Passage): Fate => ({ bytes: answer.bytes });
const isSignIn = ({ answer }: Passage): boolean => answer.message.mti === '0810' && answer.message.has(62);

/** Another code, under a MAC where the terminal looks for one. */
function recoded(passage: Passage, code: string): Fate {
  const isSealed = ['0230', '0210'].includes(passage.answer.message.mti);
  return { bytes: edited(passage.answer, { 39: code }, isSealed ? passage.mac : undefined) };
}

const broken = (
  name: string,
  en: string,
  zh: string,
  fails: string | readonly string[],
  make: () => Interference,
): BrokenHost => ({
  ...{ kind: 'host', name, breaks: { en, zh }, fails: typeof fails === 'string' ? [fails] : fails, make },
});
/** Answers changed one by one. */
const answering =
  (answer: (passage: Passage) => Fate): (() => Interference) =>
  () => ({ answer });
/** One response code given in place of another. */
const insteadOf = (from: string, to: string, when: (passage: Passage) => boolean = () => true): (() => Interference) =>
  answering((passage) => (codeOf(passage) === from && when(passage) ? recoded(passage, to) : as(passage)));
const withResult = (digit: '1' | '2'): (() => Interference) =>
  answering((passage) => {
    const totals = passage.answer.message.text(48);
    if (passage.answer.message.mti !== '0510' || totals === undefined) return as(passage);
    return { bytes: edited(passage.answer, { 48: `${totals.slice(0, 30)}${digit}${totals.slice(31)}` }) };
  });
const isSale = ({ request }: Passage): boolean => request.message.mti === '0220';
/** F57 DF01 of a purchase. */
const isPurchase = ({ request }: Passage): boolean =>
  request.message.mti === '0220' && toHex(request.message.raw(57) ?? new Uint8Array(0)).startsWith('DF010105');
const isOnline =
  (type: string) =>
  ({ request }: Passage): boolean =>
    request.message.mti === '0200' && request.message.required(60).startsWith(type);

export const BROKEN_HOSTS: readonly BrokenHost[] = [
  broken(
    'wrong-check-value',
    'The check value of the MAC key is that of another key',
    'MAC密钥校验值错误',
    'host.sign-in.check-values',
    answering((passage) => {
      if (!isSignIn(passage)) return as(passage);
      const keys = Uint8Array.from(passage.answer.message.raw(62)!);
      keys[36]! ^= 0xff;
      return { bytes: edited(passage.answer, { 62: keys }) };
    }),
  ),
  broken(
    'no-clock',
    'The answer to a sign-in has no date and time',
    '签到应答不带日期时间',
    'host.sign-in.clock',
    answering((passage) =>
      isSignIn(passage) ? { bytes: edited(passage.answer, { 12: undefined, 13: undefined }) } : as(passage),
    ),
  ),
  broken(
    'tpdu-not-swapped',
    "The answer has the request's TPDU",
    '应答未交换TPDU地址',
    'host.frame.tpdu',
    answering(({ request, answer }) => {
      const bytes = Uint8Array.from(answer.bytes);
      bytes.set(parseFrame(request.bytes).tpdu);
      return { bytes };
    }),
  ),
  broken(
    'trace-lost',
    'Answers carry trace number 000000',
    '应答丢失流水号',
    'host.frame.trace',
    answering((passage) => ({
      bytes: edited(passage.answer, { 11: '000000' }, passage.answer.message.has(64) ? passage.mac : undefined),
    })),
  ),
  broken(
    'page-misnumbered',
    'Each page of parameters has the number of the next one',
    '参数页号错误',
    'host.parameters.pages',
    answering((passage) => {
      if (passage.request.message.text(60)?.slice(8, 11) !== '364') return as(passage);
      const page = Buffer.from(passage.answer.message.raw(62) ?? new Uint8Array(0));
      if (page.length < 13) return as(passage);
      page.write(String(Number(page.toString('latin1', 9, 13)) + 1).padStart(4, '0'), 9, 'latin1');
      return { bytes: edited(passage.answer, { 62: page }) };
    }),
  ),
  broken(
    'wrong-mac-accepted',
    'An upload with a wrong MAC is accepted',
    '接受MAC错误的上送',
    'host.mac.wrong',
    insteadOf('A0', '00', ({ request }) => request.message.has(64)),
  ),
  broken(
    'missing-mac-accepted',
    'An upload without MAC is accepted',
    '接受无MAC的上送',
    'host.mac.missing',
    insteadOf('A0', '00', ({ request }) => !request.message.has(64)),
  ),
  broken(
    'answer-without-mac',
    'Answers to uploads carry no MAC',
    '上送应答不带MAC',
    'host.mac.answer',
    answering((passage) => (isSale(passage) ? { bytes: edited(passage.answer, {}) } : as(passage))),
  ),
  broken(
    'answer-with-wrong-mac',
    'Answers to uploads carry a MAC under another key',
    '上送应答MAC错误',
    'host.mac.answer',
    answering((passage) => {
      if (!passage.answer.message.has(64)) return as(passage);
      const bytes = Uint8Array.from(passage.answer.bytes);
      bytes[bytes.length - 1]! ^= 1;
      return { bytes };
    }),
  ),
  broken(
    'old-keys-accepted',
    'MACs under the keys of the sign-in before are accepted',
    '旧工作密钥仍被接受',
    'host.keys.old-refused',
    insteadOf('A0', '00', ({ request, oldMac }) => isUnder(request, oldMac)),
  ),
  broken(
    'trace-reuse-accepted',
    'Another sale under a used trace number is called accepted',
    '同一流水号的不同交易被接受',
    'host.upload.trace-reused',
    insteadOf('94', '00', isSale),
  ),
  broken('repeat-refused', 'The same upload again is refused with 96', '重复上送被拒绝', 'host.upload.repeat', () => {
    const seen: Uint8Array[] = [];
    return {
      answer: (passage) => {
        if (!isSale(passage)) return as(passage);
        const isRepeat = seen.some((bytes) => equalBytes(bytes, passage.request.bytes));
        seen.push(passage.request.bytes);
        return isRepeat ? recoded(passage, '96') : as(passage);
      },
    };
  }),
  broken(
    'repeat-counted-twice',
    'A repeated upload counts twice in the totals',
    '重复上送被重复计入总额',
    'host.upload.repeat',
    () => {
      const seen = new Set<string>();
      let hasRepeat = false;
      return {
        answer: (passage, line) => {
          const { mti } = passage.request.message;
          const bytes = toHex(passage.request.bytes);
          if (mti === '0220') hasRepeat ||= seen.has(bytes);
          if (mti === '0220') seen.add(bytes);
          if (mti === '0320') hasRepeat = false;
          return hasRepeat && mti === '0500' ? withResult('2')().answer!(passage, line) : as(passage);
        },
      };
    },
  ),
  broken(
    'totals-always-equal',
    'Settlement calls every total equal',
    '对账结果恒为平',
    'host.settlement.unequal',
    withResult('1'),
  ),
  broken(
    'totals-always-unequal',
    'Settlement calls every total unequal',
    '对账结果恒为不平',
    'host.settlement.equal',
    withResult('2'),
  ),
  broken(
    'upload-order-unchecked',
    'The batch upload is taken in any order',
    '不检查批上送次序',
    ['host.settlement.order-early', 'host.settlement.order-end'],
    insteadOf('25', '00', ({ request }) => request.message.mti === '0320'),
  ),
  broken(
    'chip-details-of-any-totals',
    'Chip details are taken whatever the totals were',
    '不核对IC卡明细与对账结果',
    'host.settlement.chip-details',
    insteadOf('25', '00', ({ request }) => request.message.text(60)?.slice(8, 11) === '203'),
  ),
  broken(
    'purchases-refused',
    "A shop's purchases are no kind of upload to it",
    '不受理商户消费上送',
    'host.purchase',
    insteadOf('00', '30', isPurchase),
  ),
  broken(
    'unknown-card-approved',
    'Online sales of cards nobody issued are approved',
    '批准未知卡联机消费',
    'host.online.unknown-card',
    insteadOf('14', '00', isOnline('22')),
  ),
  broken(
    'void-of-nothing',
    'A void takes back what never was',
    '撤销不存在的交易',
    'host.online.void-unknown',
    insteadOf('25', '00', isOnline('23')),
  ),
  broken(
    'online-mac-unchecked',
    'The MAC of an online sale is not looked at',
    '不校验联机消费MAC',
    'host.online.mac',
    insteadOf('A0', '00', isOnline('22')),
  ),
  broken(
    'void-again',
    'A sale can be voided again and again',
    '可重复撤销',
    'host.online.sale-and-void',
    insteadOf('25', '00', isOnline('23')),
  ),
  broken(
    'balance-left-out',
    'An inquiry is answered without the balance',
    '查询应答不带余额',
    'host.online.inquiry',
    answering((passage) =>
      isOnline('01')(passage) ? { bytes: edited(passage.answer, { 54: undefined }, passage.mac) } : as(passage),
    ),
  ),
  {
    ...broken(
      'certificates-unchecked',
      'Its TLS port serves anybody, with any certificate or none',
      'TLS端口不校验客户端证书',
      ['host.tls.without-certificate', 'host.tls.foreign-certificate', 'host.tls.expired-certificate'],
      () => ({}),
    ),
    credulity: 'anybody',
  },
  {
    ...broken(
      'certificate-name-unchecked',
      'A certificate of any terminal serves every terminal',
      '不核对证书所载终端号',
      'host.tls.other-terminal',
      () => ({}),
    ),
    credulity: 'any-terminal',
  },
  broken(
    'unknown-terminal-served',
    'Terminals nobody enrolled are served',
    '未知终端可签到',
    'host.terminal.unknown',
    insteadOf('97', '00'),
  ),
  broken(
    'merchant-unchecked',
    'The merchant number is not looked at',
    '不核对商户号',
    'host.merchant.wrong',
    insteadOf('03', '00'),
  ),
  broken('keys-die-with-line', 'Working keys end with the line', '断线后工作密钥失效', 'host.line.reconnect', () => ({
    answer: (passage, line) => (isSale(passage) && !line.hasSignedIn ? recoded(passage, '97') : as(passage)),
  })),
  broken(
    'garbage-ends-all',
    'A frame that cannot be read ends every line',
    '错误报文导致所有连接中断',
    ['host.frame.garbage', 'host.frame.length'],
    () => {
      const lines = new Set<{ hangUp(): void }>();
      return {
        opened: (line) => lines.add(line),
        malformed: () => {
          for (const line of lines) line.hangUp();
        },
      };
    },
  ),
  broken('pieces-unread', 'Each packet is taken for a whole frame', '按包收帧', 'host.line.pieces', () => ({
    chunk: (bytes, line) => {
      const length = bytes.length < 2 ? -1 : (bytes[0]! << 8) | bytes[1]!;
      if (bytes.length < 2 + length || length < 0) line.hangUp();
    },
  })),
  broken(
    'one-line-at-a-time',
    'A line is served when the one before it has ended',
    '同时只能服务一条连接',
    ['host.line.two', 'host.line.half-open'],
    () => {
      let before: Promise<void> = Promise.resolve();
      return {
        opened: (line) => {
          line.readyAt = before;
          before = new Promise((resolve) => {
            const { hangUp } = line;
            line.hangUp = () => {
              hangUp();
              resolve();
            };
          });
        },
      };
    },
  ),
  broken('slow', 'One answer in eight takes 1.2 seconds', '部分应答延迟', 'host.time.echo', () => {
    let count = 0;
    return {
      answer: (passage) =>
        passage.request.message.text(60)?.slice(8, 11) === '301' && ++count % 8 === 0
          ? { bytes: passage.answer.bytes, holdMs: 1200 }
          : as(passage),
    };
  }),
];
