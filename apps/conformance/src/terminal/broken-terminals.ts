/**
 * Terminals broken on purpose: our own with one thing changed, either between it and its line (what it sends and what it
 * believes) or in how it is built.
 */
import { fromHex } from '@polycard/bytes';
import { encodeFrame, parseFrame } from '@polycard/iso8583';
import { makeSale, NO_FAULTS, type TapRequest, VolatileStorage } from '@polycard/terminal';
import type { TestCard } from '../card/test-card.ts';
import type { BrokenVariant } from '../case.ts';
import type { TerminalIdentity } from '../line/identity.ts';
import { edited, type Interference, isUnder, type Passage, type WatchedFrame } from '../line/watching-proxy.ts';
import { workingKeysOf } from '../line/working-keys.ts';
import { OwnTerminal, type OwnTerminalOptions } from '../self/own-terminal.ts';
import type { ActOutcome } from './driver.ts';

export interface BrokenTerminal extends BrokenVariant {
  readonly kind: 'terminal';
  /** Between the terminal and its line, for each case anew. */
  readonly line?: (identity: TerminalIdentity) => Interference;
  readonly make?: (options: OwnTerminalOptions) => OwnTerminal;
}

const broken = (
  name: string,
  en: string,
  zh: string,
  fails: string | readonly string[],
  how: Pick<BrokenTerminal, 'line' | 'make'>,
): BrokenTerminal => ({
  ...{ kind: 'terminal', name, breaks: { en, zh }, fails: typeof fails === 'string' ? [fails] : fails, ...how },
});
const isUploadAnswer = ({ answer }: Passage): boolean => answer.message.mti === '0230';

/** The terminal sees the answer as it should have been: it looks at nothing that was wrong with it. */
const believing =
  (mend: (passage: Passage, identity: TerminalIdentity) => Uint8Array | undefined) =>
  (identity: TerminalIdentity): Interference => ({
    answer: (passage) => ({ bytes: mend(passage, identity) ?? passage.answer.bytes }),
  });
/** Requests of a kind are changed on their way out. */
const sending = (mti: string, change: (frame: WatchedFrame) => Uint8Array) => (): Interference => ({
  request: (frame) => (frame.message.mti === mti ? { instead: change(frame) } : 'pass'),
});

/** Forgets its journal with the power. */
class ForgetfulTerminal extends OwnTerminal {
  protected override restart(): void {
    this.storage = new VolatileStorage();
    super.restart();
  }
}

/** What could not be uploaded at once is given up. */
class ImpatientTerminal extends OwnTerminal {
  protected override async upload(): Promise<void> {
    try {
      await super.upload();
    } catch (error) {
      const { journal } = this.docked.terminal!;
      for (let entry = journal.entries[0]; entry !== undefined; entry = journal.entries[0]) journal.uploaded(entry);
      throw error;
    }
  }
}

/** Takes no card while the host is silent. */
class OnlineOnlyTerminal extends OwnTerminal {
  protected override tap(card: TestCard): ActOutcome {
    if (this.docked.conditions().some(({ name }) => name === 'host-silent'))
      return { ok: false, result: 'refused', said: 'no line to the host' };
    return super.tap(card);
  }
}

/** Uploads each tap a second time under another trace number. */
class DoubleTerminal extends OwnTerminal {
  protected override upload(): Promise<void> {
    return super.upload({
      ...NO_FAULTS,
      copyOf: (entry, journal) => ({ ...entry, traceNo: journal.nextTrace() }),
    });
  }
}

/** Takes a card for good whatever its signature says: a forged one is to it as a good one. */
class TrustingTerminal extends OwnTerminal {
  protected override tap(card: TestCard): ActOutcome {
    const { virtual } = card;
    if (virtual === undefined) return super.tap(card);
    return super.tap({ transmit: (command) => virtual.transmit(command), reset: () => virtual.reset(), virtual });
  }
}

/** Knows nothing of a torn tap when the card comes back. */
class TornForgettingTerminal extends OwnTerminal {
  protected override hold(card: TestCard, request: TapRequest): ActOutcome {
    const outcome = super.hold(card, request);
    const { journal } = this.docked.terminal!;
    if (outcome.result === 'torn') for (const pending of [...journal.pending]) journal.drop(pending);
    return outcome;
  }
}

/** Shows what it sold and forgets it. */
class ForgetfulShop extends OwnTerminal {
  protected override purchase(card: TestCard): ActOutcome {
    const { configuration, parameters } = this.docked.terminal!;
    const { outcome, reason } = makeSale(
      card,
      configuration,
      { amountFen: 350, at: '20180901080000' },
      { caKeys: parameters.caKeys, random: this.options.random, monotonicUs: () => 0 },
    );
    return { ok: outcome === 'approved', result: outcome === 'approved' ? 'accepted' : 'refused', said: reason };
  }
}

/** Its clock stands still for it: nothing it holds ever grows old. */
class AgelessTerminal extends OwnTerminal {
  protected override nowMs(): number {
    return Date.now();
  }
}

/** Asks for deny lists and looks into none. */
class UnlistingTerminal extends OwnTerminal {
  constructor(options: OwnTerminalOptions) {
    super({ ...options, listKey: undefined });
  }
}

class SlowTerminal extends OwnTerminal {
  protected override tap(card: TestCard): ActOutcome {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
    return super.tap(card);
  }
}

export const BROKEN_TERMINALS: readonly BrokenTerminal[] = [
  broken(
    'check-value-ignored',
    'Working keys are taken whatever their check value is',
    '不核对工作密钥校验值',
    'terminal.sign-in.check-value',
    {
      line: believing(({ answer }, { masterKey }) => {
        const keys = answer.message.mti === '0810' ? answer.message.raw(62) : undefined;
        if (keys?.length !== 40) return undefined;
        const mended = Uint8Array.from(keys);
        mended.set(fromHex(workingKeysOf(keys, masterKey).macKey.found), 36);
        return edited(answer, { 62: mended });
      }),
    },
  ),
  broken(
    'wrong-mac-believed',
    'Answers are believed whatever their MAC is',
    '不校验应答MAC',
    'terminal.answer.wrong-mac',
    {
      line: believing((passage) =>
        isUploadAnswer(passage) && passage.answer.message.has(64) ? edited(passage.answer, {}, passage.mac) : undefined,
      ),
    },
  ),
  broken('missing-mac-believed', 'Acceptances without MAC are believed', '接受无MAC的应答', 'terminal.answer.no-mac', {
    line: believing((passage) =>
      isUploadAnswer(passage) && !passage.answer.message.has(64) ? edited(passage.answer, {}, passage.mac) : undefined,
    ),
  }),
  broken(
    'other-answer-believed',
    'An answer to another message is taken for its own',
    '不核对应答流水号',
    'terminal.answer.other-trace',
    {
      line: believing((passage) =>
        isUploadAnswer(passage)
          ? edited(
              passage.answer,
              { 11: passage.request.message.required(11) },
              isUnder(passage.answer, passage.mac) ? passage.mac : undefined,
            )
          : undefined,
      ),
    },
  ),
  broken('mac-left-out', 'Uploads carry no MAC', '上送不带MAC', ['terminal.upload.once', 'terminal.keys.newest'], {
    line: sending('0220', (frame) => edited(frame, {})),
  }),
  broken('mac-spoilt', 'Uploads carry a wrong MAC', '上送MAC错误', 'terminal.upload.once', {
    line: sending('0220', (frame) => {
      const bytes = Uint8Array.from(frame.bytes);
      bytes[bytes.length - 1]! ^= 1;
      return bytes;
    }),
  }),
  broken(
    'other-frame-on-repeat',
    'A repeated message is no longer the same',
    '重发报文内容改变',
    'terminal.answer.lost',
    {
      line: () => {
        const seen = new Set<string>();
        return {
          request: (frame) => {
            if (frame.message.mti !== '0220') return 'pass';
            const key = `${frame.message.text(60)} ${frame.message.text(11)}`;
            if (!seen.has(key)) {
              seen.add(key);
              return 'pass';
            }
            const { tpdu, message } = parseFrame(frame.bytes);
            return { instead: encodeFrame({ tpdu, header: fromHex('613100313039'), message }).subarray(2) };
          },
        };
      },
    },
  ),
  broken('totals-wrong', 'Settlement states one fen too much', '结算总额错误', 'terminal.settle.equal', {
    line: sending('0500', (frame) => {
      const totals = frame.message.required(48);
      return edited(frame, { 48: String(Number(totals.slice(0, 12)) + 1).padStart(12, '0') + totals.slice(12) });
    }),
  }),
  broken(
    'batch-end-always-equal',
    'The end of the batch says equal whatever the host said',
    '批结束恒为207',
    'terminal.settle.unequal',
    {
      line: sending('0320', (frame) => {
        const field60 = frame.message.required(60);
        return edited(frame, { 60: `${field60.slice(0, 8)}207${field60.slice(11)}` });
      }),
    },
  ),
  broken('batch-end-left-out', 'A settlement has no end of the batch', '缺少批结束报文', 'terminal.settle.equal', {
    line: () => ({
      request: (frame) => {
        if (frame.message.mti !== '0320') return 'pass';
        const answer = edited({ ...frame, message: frame.message }, { 39: '00', 48: undefined });
        const bytes = Uint8Array.from(answer);
        bytes.set([0x03, 0x30], 11);
        return { bytes };
      },
    }),
  }),
  broken(
    'uploads-twice',
    'Each tap is uploaded again under another trace number',
    '同一交易以不同流水号重复上送',
    'terminal.upload.once',
    {
      make: (options) => new DoubleTerminal(options),
    },
  ),
  broken('journal-lost-with-power', 'The journal does not outlive a restart', '断电后丢失流水', 'terminal.restart', {
    make: (options) => new ForgetfulTerminal(options),
  }),
  broken('gives-up', 'Taps that could not be uploaded at once are dropped', '上送失败即丢弃交易', 'terminal.offline', {
    make: (options) => new ImpatientTerminal(options),
  }),
  broken('online-only', 'Without a host no card is taken', '无主机时拒绝刷卡', 'terminal.offline', {
    make: (options) => new OnlineOnlyTerminal(options),
  }),
  broken(
    'signature-unchecked',
    'The card need not prove itself',
    '不做脱机数据认证',
    ['terminal.card.forged', 'terminal.card.unknown-ca'],
    {
      make: (options) => new TrustingTerminal(options),
    },
  ),
  broken(
    'torn-tap-forgotten',
    'A torn tap is forgotten when the card comes back',
    '闪卡记录丢失',
    ['terminal.purchase.torn', 'terminal.card.torn-after'],
    {
      make: (options) => new TornForgettingTerminal(options),
    },
  ),
  broken(
    'purchase-not-kept',
    'Purchases are shown and never uploaded',
    '消费交易未保存上送',
    'terminal.purchase.sold',
    {
      make: (options) => new ForgetfulShop(options),
    },
  ),
  broken(
    'details-left-out',
    'After unequal totals the batch ends without details',
    '对账不平时不上送明细',
    'terminal.settle.details',
    {
      line: () => ({
        request: (frame) => {
          if (frame.message.mti !== '0320' || frame.message.text(60)?.slice(8, 11) !== '205') return 'pass';
          const bytes = Uint8Array.from(edited(frame, { 39: '00', 55: undefined, 62: undefined }));
          bytes.set([0x03, 0x30], 11);
          return { bytes };
        },
      }),
    },
  ),
  broken(
    'age-ignored',
    'Parameters and lists never grow old',
    '不检查参数与名单时限',
    ['terminal.parameters.too-old', 'terminal.list.too-old'],
    {
      make: (options) => new AgelessTerminal(options),
    },
  ),
  broken(
    'list-not-looked-into',
    'Listed cards are taken',
    '不查黑名单',
    ['terminal.card.listed', 'terminal.card.locked'],
    {
      make: (options) => new UnlistingTerminal(options),
    },
  ),
  broken('slow', 'A tap takes 600 ms longer', '刷卡缓慢', 'terminal.time.tap', {
    make: (options) => new SlowTerminal(options),
  }),
];
