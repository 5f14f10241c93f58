import Type, { type Static } from 'typebox';
import { Fen } from '../api-types.ts';

/** Where clearing stands, over all days: what a fleet or a test waits for and reports. */
export const ClearingSummary = Type.Object({
  taps: Type.Object({
    received: Type.Integer({ description: 'Durable, waiting for clearing' }),
    cleared: Type.Integer(),
    suspended: Type.Integer(),
  }),
  cryptograms: Type.Object({ verified: Type.Integer(), failed: Type.Integer() }),
  fares: Type.Object({
    charged: Type.Integer({ description: 'Exits and boardings, free ones too' }),
    agreed: Type.Integer({ description: 'Of these, computed to the same fen by clearing' }),
  }),
  exceptions: Type.Record(Type.String(), Type.Integer()),
  ledger: Type.Object({ postings: Type.Integer(), sumFen: Fen }),
  dialogues: Type.Integer(),
});
export type ClearingSummary = Static<typeof ClearingSummary>;
