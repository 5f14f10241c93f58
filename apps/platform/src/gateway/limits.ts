/** What the gateway bears before it slows a peer down or hangs up; the blueprint may say otherwise (`docking.limits`). */
import type { Docking } from '@polycard/blueprint';

export interface GatewayLimits {
  readonly connectionsMax: number;
  readonly connectionsPerAddress: number;
  /** Beyond these, messages wait: nobody is refused, and the line is read no further meanwhile. */
  readonly messagesPerSecondTerminal: number;
  readonly messagesPerSecondAddress: number;
  /** From the first byte of a frame to its last. */
  readonly frameTimeoutMs: number;
  /** Without any byte, and for a peer that does not take its answers. */
  readonly idleTimeoutMs: number;
  /** When the network is asked whether a silent peer is still there. */
  readonly keepAliveMs: number;
}

/** A regional concentrator dials in for thousands of terminals from one address. */
export const GATEWAY_LIMITS: GatewayLimits = {
  connectionsMax: 10_000,
  connectionsPerAddress: 10_000,
  messagesPerSecondTerminal: 200,
  messagesPerSecondAddress: 20_000,
  frameTimeoutMs: 15_000,
  idleTimeoutMs: 15 * 60_000,
  keepAliveMs: 60_000,
};

export function limitsOf(docking: Docking | undefined): GatewayLimits {
  return { ...GATEWAY_LIMITS, ...docking?.limits };
}
