/**
 * The commands of `polycard`, each read only when it is called: all of them together are most of the project, and whoever
 * decodes a status word need not wait for it.
 */
import type { Command } from 'commander';

export interface ListedCommand {
  readonly name: string;
  /** As `polycard --help` lists it. */
  readonly description: string;
  readonly load: () => Promise<Command>;
}

export const COMMANDS: readonly ListedCommand[] = [
  {
    name: 'up',
    description: 'Start the platform: console and API, gateway, clearing',
    load: async () => (await import('./commands/up.ts')).upCommand(),
  },
  {
    name: 'replay',
    description: 'Perform recorded or generated taps as real ones: cards, gates, upload, clearing, settlement',
    load: async () => (await import('./commands/replay.ts')).replayCommand(),
  },
  {
    name: 'card',
    description: 'Cards: show one, serve one to a reader, read what any card says',
    load: async () => (await import('./commands/card.ts')).cardCommand(),
  },
  {
    name: 'tap',
    description: 'Take a payment from any PBOC card in a reader: qPBOC, its signature checked, the dialogue in words',
    load: async () => (await import('./commands/tap.ts')).tapCommand(),
  },
  {
    name: 'decode',
    description: 'Explain hexadecimal: APDUs, TLV, DOLs, status words, card and terminal bits, ISO 8583, DGIs, ATRs',
    load: async () => (await import('./commands/decode.ts')).decodeCommand(),
  },
  {
    name: 'fare',
    description: "Compute and explain a fare by the blueprint's tariff",
    load: async () => (await import('./commands/fare.ts')).fareCommand(),
  },
  {
    name: 'blueprint',
    description: 'Check, compare and document the specification of a region',
    load: async () => (await import('./commands/blueprint.ts')).blueprintCommand(),
  },
  {
    name: 'audit',
    description: 'The audit trail: export it, verify an exported file',
    load: async () => (await import('./commands/audit.ts')).auditCommand(),
  },
  {
    name: 'keys',
    description: 'Keys by label and check value; the keys themselves are never shown',
    load: async () => (await import('./commands/keys.ts')).keysCommand(),
  },
  {
    name: 'deny-list',
    description: 'The deny list: cards onto it and off it, versions for terminals, who holds which',
    load: async () => (await import('./commands/deny-list.ts')).denyListCommand(),
  },
  {
    name: 'modes',
    description: 'Operating modes of stations: order, list, end; which terminals have them',
    load: async () => (await import('./commands/modes.ts')).modesCommand(),
  },
  {
    name: 'terminal',
    description: 'Terminals: enrol one of any maker, run one, look into one',
    load: async () => (await import('./commands/terminal.ts')).terminalCommand(),
  },
  {
    name: 'account',
    description: 'Sign-ins',
    load: async () => (await import('./commands/account.ts')).accountCommand(),
  },
  {
    name: 'parameters',
    description: 'Versions of tariffs and parameters: draft, check, rehearse, propose, roll out, roll back',
    load: async () => (await import('./commands/parameters.ts')).parametersCommand(),
  },
  {
    name: 'conform',
    description: 'The conformance kit: prove a host, a terminal or a card of any maker',
    load: async () => (await import('./commands/conform.ts')).conformCommand(),
  },
];
