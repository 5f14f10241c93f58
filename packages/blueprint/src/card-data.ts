/** What a terminal needs of a blueprint at run time, without loader, schemas and checks: records and dispersion paths. */
export { type CardFactors, type DispersionPath, factorsFor } from './dispersion-path.ts';
export {
  compileRecord,
  type RecordCodec,
  type RecordLayout,
  type RecordValue,
  type RecordValues,
} from './record-codec.ts';
