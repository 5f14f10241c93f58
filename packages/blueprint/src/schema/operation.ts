import Type, { type Static } from 'typebox';
import { FreshnessStep } from './deny-list.ts';
import { Docking } from './docking.ts';
import { Fen, HexBytes, Identifier, LocalName, Mode } from './primitives.ts';

export const TerminalRole = Type.Union([
  Type.Literal('metro-entry', { description: 'Entry gate' }),
  Type.Literal('metro-exit', { description: 'Exit gate' }),
  Type.Literal('bus', { description: 'One-tap bus validator' }),
  Type.Literal('counter', { description: 'Service counter: repairs and supplied entries' }),
  Type.Literal('shop', { description: 'Shop: purchases, offline' }),
]);
export type TerminalRole = Static<typeof TerminalRole>;

export const TerminalProfile = Type.Object(
  {
    id: Identifier,
    name: LocalName,
    roles: Type.Array(TerminalRole, { minItems: 1, description: 'A two-way gate has both gate roles' }),
    mode: Mode,
    ttq: HexBytes(4),
    terminalCountry: Type.String({ pattern: '^[0-9]{3}$' }),
    capabilities: HexBytes(3),
    terminalType: HexBytes(1),
    smAlgorithms: Type.Optional(
      Type.Boolean({ description: 'Whether it tells cards that it knows SM2, SM3 and SM4 (DF69); default false' }),
    ),
    retapWindowMs: Type.Integer({
      minimum: 100,
      description: 'T1: how long the gate waits for the torn card to come back',
    }),
    tornRecordMs: Type.Integer({ minimum: 100, description: 'T2: how long a torn tap is still matched' }),
    tornRecordsMax: Type.Integer({ minimum: 1, maximum: 3 }),
    tornLateMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        description:
          'After T2 a torn tap is uploaded as unresolved; for so long its card is still asked when it comes back; 600000 unless given',
      }),
    ),
    journalMax: Type.Integer({ minimum: 10 }),
    settleAtCount: Type.Integer({
      minimum: 1,
      maximum: 999,
      description: 'A batch count has 3 digits: settle earlier',
    }),
    parametersMaxAgeHours: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          'Taps are refused when the host has not confirmed the parameters for longer; no limit unless given',
      }),
    ),
    refreshMinutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          'How often it asks for newer parameters, deny lists and mode orders while the day goes on; 15 unless given',
      }),
    ),
    clockToleranceSeconds: Type.Optional(
      Type.Integer({ minimum: 1, description: "How far the clock may be from the host's; 120 unless given" }),
    ),
    denyListAge: Type.Optional(
      Type.Array(FreshnessStep, { description: 'What it does while its deny list grows old; absent: nothing' }),
    ),
    traceEvery: Type.Integer({ minimum: 0, description: 'Every n-th tap also uploads its APDU dialogue; 0 never' }),
  },
  { additionalProperties: false },
);
export type TerminalProfile = Static<typeof TerminalProfile>;

/** A certification authority key beside the region's own: of another region, or the next one before it is used. */
export const CaKey = Type.Object(
  {
    name: LocalName,
    rid: HexBytes(5),
    index: HexBytes(1),
    modulus: Type.String({ pattern: '^([0-9A-F]{2}){64,248}$', description: 'Hexadecimal' }),
    exponent: Type.Union([Type.Literal('03'), Type.Literal('010001')]),
  },
  { additionalProperties: false },
);
export type CaKey = Static<typeof CaKey>;

/** `terminals.yaml`: terminal profiles, and the terminals that exist from the first day. */
export const Terminals = Type.Object(
  {
    profiles: Type.Array(TerminalProfile, { minItems: 1 }),
    caKeys: Type.Optional(
      Type.Array(CaKey, { description: "Keys that terminals know beside the region's own certification authority" }),
    ),
    docking: Type.Optional(Docking),
    terminals: Type.Array(
      Type.Object(
        {
          deviceNo: Type.String({
            pattern: '^[0-9]{6,12}$',
            description: "The maker's number; field 41 gets an 8-character number at enrolment",
          }),
          profile: Identifier,
          operator: Identifier,
          station: Type.Optional(Identifier),
          line: Type.Optional(Identifier),
          route: Type.Optional(Type.String()),
          vehicle: Type.Optional(Type.String()),
          fareFen: Type.Optional(Fen),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type Terminals = Static<typeof Terminals>;

export const FeeRule = Type.Object(
  {
    id: Identifier,
    name: LocalName,
    mode: Type.Union([Type.Literal('metro'), Type.Literal('bus'), Type.Literal('shop')], {
      description: 'Taps it is paid for: rides of a mode, or purchases in shops',
    }),
    perMille: Type.Number({ minimum: 0, maximum: 1000, description: 'Of what the rider was charged' }),
    minimumFen: Type.Optional(Fen),
    payer: Type.Literal('operator'),
    shares: Type.Array(
      Type.Object(
        {
          to: Type.Union([Type.Literal('issuer'), Type.Literal('platform')]),
          percent: Type.Number({ minimum: 0, maximum: 100 }),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, description: 'Percentages add up to 100' },
    ),
  },
  { additionalProperties: false },
);
export type FeeRule = Static<typeof FeeRule>;

/** `settlement.yaml`: revenue split and fees. */
export const Settlement = Type.Object(
  {
    revenue: Type.Object(
      {
        metro: Type.Union([Type.Literal('by-distance'), Type.Literal('exit-operator')], {
          description:
            "by-distance: between the operators whose lines the shortest path uses; without a known entry: the exit's operator",
        }),
        bus: Type.Literal('operator'),
      },
      { additionalProperties: false },
    ),
    fees: Type.Array(FeeRule),
  },
  { additionalProperties: false },
);
export type Settlement = Static<typeof Settlement>;
