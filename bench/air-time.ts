/**
 * What a dialogue costs on the air: ISO/IEC 14443-4 half-duplex blocks in type A standard frames. The model and what it
 * leaves out are in docs/reference/air-time.md.
 */
const CARRIER_HZ = 13_560_000;
/** Bit duration in carrier periods at 106 kbit/s; halved with each step up. */
const PERIODS_PER_BIT_106 = 128;
/** ISO/IEC 14443-3:2018 §6.2.1.1: shortest frame delay time, either way. */
const FRAME_DELAY_PERIODS = 1172;
const BITS_PER_BYTE = 9; // eight and parity
const FRAME_BITS = 2; // start and end of communication
const PCB_BYTES = 1;
const CRC_BYTES = 2;
/** FSC and FSD of 256 bytes (FSCI, FSDI 8); no CID, no NAD. */
const INFORMATION_BYTES_MAX = 256 - PCB_BYTES - CRC_BYTES;

export const BIT_RATES = [106, 212, 424, 848] as const;
export type BitRate = (typeof BIT_RATES)[number];

export interface AirFrames {
  readonly frames: number;
  /** Bytes on the air with PCB and CRC. */
  readonly bytes: number;
}

/** Frames of one message, with the R(ACK) after each chained block but the last. */
export function framesOf(messageBytes: number): AirFrames {
  const blocks = Math.max(1, Math.ceil(messageBytes / INFORMATION_BYTES_MAX));
  const acknowledged = blocks - 1;
  return {
    frames: blocks + acknowledged,
    bytes: messageBytes + (blocks + acknowledged) * (PCB_BYTES + CRC_BYTES),
  };
}

/** Time of frames and the shortest delay before each of them. The card's and the terminal's thinking is not in it. */
export function airTimeMs({ frames, bytes }: AirFrames, rate: BitRate): number {
  const bits = bytes * BITS_PER_BYTE + frames * FRAME_BITS;
  const periodsPerBit = (PERIODS_PER_BIT_106 * 106) / rate;
  return ((bits * periodsPerBit + frames * FRAME_DELAY_PERIODS) / CARRIER_HZ) * 1000;
}

export interface Dialogue {
  /** Lengths of command and response of each exchange. */
  readonly exchanges: readonly (readonly [command: number, response: number])[];
}

export function framesOfDialogue({ exchanges }: Dialogue): AirFrames {
  const all = exchanges.flatMap(([command, response]) => [framesOf(command), framesOf(response)]);
  return {
    frames: all.reduce((sum, { frames }) => sum + frames, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
