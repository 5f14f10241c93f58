/** One measured figure, with the limit or peer of the same run that it is read against. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly limit?: number;
  /** What the limit is: a goal, or what was measured beside it. */
  readonly limitName?: string;
}
