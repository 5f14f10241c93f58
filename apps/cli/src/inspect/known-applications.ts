/** Applications tried by name on a card that does not list them (reference pboc.md §1.1; payment schemes' public AIDs). */
import type { TwoLanguages } from '@polycard/emv';

export interface KnownApplication {
  readonly aid: string;
  readonly name: TwoLanguages;
  /** An electronic purse: balances by GET BALANCE, binary files, trips in cyclic files. */
  readonly isPurse?: boolean;
}

const row = (aid: string, en: string, zh: string, isPurse?: boolean): KnownApplication => ({
  aid,
  name: { en, zh },
  ...(isPurse === undefined ? {} : { isPurse }),
});

export const KNOWN_APPLICATIONS: readonly KnownApplication[] = [
  row('A000000333010101', 'PBOC debit', 'PBOC借记'),
  row('A000000333010102', 'PBOC credit', 'PBOC贷记'),
  row('A000000333010103', 'PBOC quasi-credit', 'PBOC准贷记'),
  row('A000000333010106', 'PBOC electronic cash', 'PBOC电子现金'),
  row('A000000632010105', 'T-Union purse', '交通联合电子钱包', true),
  row('A000000632010106', 'T-Union electronic cash', '交通联合电子现金'),
  row('A000000632010107', 'T-Union purse, SM', '交通联合电子钱包(国密)', true),
  row('A000000632010108', 'T-Union electronic cash, SM', '交通联合电子现金(国密)'),
  row('A000000632101002', 'T-Union new electronic cash, SM', '交通联合新电子现金(国密)'),
  row('A000000632101004', 'T-Union new purse, SM', '交通联合新电子钱包(国密)', true),
  row('A00000000386980701', 'City Union purse', '城市一卡通互联互通', true),
  row('5041592E535A54', 'Shenzhen Tong (PAY.SZT)', '深圳通', true),
  row('41503100574843544300', 'Wuhan Tong (AP1.WHCTC)', '武汉通', true),
  row('A0000000031010', 'Visa', 'Visa'),
  row('A0000000041010', 'Mastercard', 'Mastercard'),
  row('A000000025010402', 'American Express', '美国运通'),
  row('A0000000651010', 'JCB', 'JCB'),
  row('A000000152301091', 'Discover', 'Discover'),
  row('A000000151000000', 'GlobalPlatform issuer security domain', 'GlobalPlatform发卡方安全域'),
];

const BY_AID = new Map(KNOWN_APPLICATIONS.map((application) => [application.aid, application]));

export function knownApplication(aid: string): KnownApplication {
  const known = BY_AID.get(aid) ?? KNOWN_APPLICATIONS.find((candidate) => aid.startsWith(candidate.aid));
  return known ?? { aid, name: { en: `application ${aid}`, zh: `应用 ${aid}` } };
}
