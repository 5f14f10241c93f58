import { describe, expect, it } from 'vitest';
import { airTimeMs, framesOf, framesOfDialogue } from '../bench/air-time.ts';

describe('air time', () => {
  it('counts PCB and CRC of each block, and acknowledgements of chained ones', () => {
    expect(framesOf(5)).toEqual({ frames: 1, bytes: 8 });
    expect(framesOf(253)).toEqual({ frames: 1, bytes: 256 });
    expect(framesOf(254)).toEqual({ frames: 3, bytes: 254 + 9 });
    expect(framesOfDialogue({ exchanges: [[5, 2]] })).toEqual({ frames: 2, bytes: 13 });
  });

  it('is bits of 128 carrier periods and a delay before each frame at 106 kbit/s', () => {
    // 8 bytes: 74 bits of 9.44 µs, then 1172 periods
    expect(airTimeMs(framesOf(5), 106)).toBeCloseTo((74 * 128 + 1172) / 13560, 9);
    const one = airTimeMs({ frames: 0, bytes: 100 }, 106);
    expect(one / airTimeMs({ frames: 0, bytes: 100 }, 848)).toBeCloseTo(8, 9);
  });
});
