/** Compact deny lists: snapshots, signed deltas, look-up. */
export {};
