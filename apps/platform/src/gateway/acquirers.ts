/** Which acquirer's variant of the messages a terminal speaks: by its merchant number, else by its operator. */
import { type Acquirer, type AcquirerRows, compileAcquirer, type Dialect, UNIONPAY_ACQUIRER } from '@polycard/iso8583';

export interface AcquirerOfBlueprint extends AcquirerRows {
  readonly merchants?: readonly string[];
  readonly operators?: readonly string[];
}

export class Acquirers {
  readonly #byMerchant = new Map<string, Acquirer>();
  readonly #byOperator = new Map<string, Acquirer>();
  readonly #all: readonly Acquirer[];

  constructor(rows: readonly AcquirerOfBlueprint[]) {
    this.#all = rows.map((row) => {
      const acquirer = compileAcquirer(row);
      for (const merchant of row.merchants ?? []) this.#byMerchant.set(merchant, acquirer);
      for (const operator of row.operators ?? []) this.#byOperator.set(operator, acquirer);
      return acquirer;
    });
  }

  of(merchantNo: string, operatorId: string): Acquirer {
    return this.#byMerchant.get(merchantNo) ?? this.#byOperator.get(operatorId) ?? UNIONPAY_ACQUIRER;
  }

  /** Dialects to try on a message before its terminal is known: the UnionPay table first. */
  get dialects(): readonly Dialect[] {
    return [UNIONPAY_ACQUIRER.dialect, ...this.#all.map(({ dialect }) => dialect)];
  }
}
