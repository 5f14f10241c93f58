import Type from 'typebox';
import { Fen } from '../api-types.ts';

export const OperatorRecords = Type.Object({
  records: Type.Array(
    Type.Object({
      tapId: Type.String({ description: 'terminal-batch-trace of the tap the record is about' }),
      claimedFen: Fen,
    }),
    { maxItems: 20_000 },
  ),
});

export const ReconciliationAnswer = Type.Object({
  agreed: Type.Integer(),
  differing: Type.Integer(),
  unknown: Type.Integer({ description: 'Records about taps that never arrived' }),
});
