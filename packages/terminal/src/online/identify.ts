/** Who a card is, for business that moves no money: its account number, without a cryptogram. */
import {
  bcdFromDigits,
  buildDol,
  concat,
  encodeLength,
  findTlv,
  parseTlv,
  SW_9000_SUCCESS,
  swHex,
  toHex,
} from '@polycard/bytes';
import { dolAlignment } from '@polycard/emv';
import type { CardLine } from '../contact/card-line.ts';
import { selectContactApplication } from '../contact/select.ts';
import { fromCard, refuse } from '../kernel/outcome.ts';
import { parseAfl } from '../kernel/read-application-data.ts';

export interface CardIdentity {
  readonly pan: string;
  readonly psn: string;
  readonly isContactless: boolean;
}

/** 9F66: debit/credit, no qPBOC: no money is committed by reading its records. */
const DEBIT_CREDIT_TTQ = Uint8Array.of(0x40, 0, 0, 0);

/** Throws a refusal for a card that gives no account number. */
export async function identifyCard(line: CardLine, aids: readonly Uint8Array[], at: string): Promise<CardIdentity> {
  const { pdol } = await selectContactApplication(line, aids);
  const known = new Map([
    ['9F66', DEBIT_CREDIT_TTQ],
    ['9A', bcdFromDigits(at.slice(2, 8), 3)],
  ]);
  const values = buildDol(pdol, (tag) => known.get(tag), dolAlignment);
  const data = concat(Uint8Array.of(0x83), encodeLength(values.length), values);
  const options = await line.send({ cla: 0x80, ins: 0xa8, p1: 0, p2: 0, data });
  if (options.sw !== SW_9000_SUCCESS) refuse('declined', `GET PROCESSING OPTIONS answered ${swHex(options.sw)}`);
  const afl = fromCard(() => {
    const [answer] = parseTlv(options.data, 'GPO');
    return answer?.tag === '80'
      ? answer.value.subarray(2)
      : (findTlv(answer?.children ?? [], '94') ?? new Uint8Array(0));
  });
  let [pan, psn]: (Uint8Array | undefined)[] = [];
  for (const { sfi, record } of fromCard(() => parseAfl(afl))) {
    const read = await line.send({ cla: 0x00, ins: 0xb2, p1: record, p2: (sfi << 3) | 4 });
    if (read.sw !== SW_9000_SUCCESS)
      refuse('card-data', `READ RECORD ${record} of SFI ${sfi} answered ${swHex(read.sw)}`);
    const nodes = fromCard(() => parseTlv(read.data, 'record'));
    pan ??= findTlv(nodes, '5A')?.slice();
    psn ??= findTlv(nodes, '5F34')?.slice();
    if (pan !== undefined && psn !== undefined) break;
  }
  if (pan === undefined) return refuse('card-data', 'the card gives no account number (5A)');
  return {
    pan: toHex(pan).replace(/F+$/, ''),
    psn: psn === undefined ? '00' : toHex(psn),
    isContactless: pdol.some(({ tag }) => tag === '9F66'),
  };
}
