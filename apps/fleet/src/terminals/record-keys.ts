/**
 * A site's part in the rotation of a management key: both versions in its PSAMs, prepared commands for the cards it
 * expects, and the news of which cards have taken theirs.
 */
import { fromHex } from '@polycard/bytes';
import { decryptBlocks } from '@polycard/crypto';
import type { RecordKeyReplacement, RecordKeyReplacements } from '@polycard/terminal';
import type { PlatformApi, Zone } from '../link/api-client.ts';
import type { FleetTerminal } from './fleet-terminal.ts';

interface SentCommand {
  readonly label: string;
  readonly record: string;
  readonly version: number;
  readonly command: string;
}

export interface SentPsamKey {
  readonly label: string;
  readonly version: number;
  readonly enciphered: string;
}

export class SiteRecordKeys implements RecordKeyReplacements {
  readonly #api: PlatformApi;
  readonly #commands = new Map<string, RecordKeyReplacement[]>();
  #replaced: { card: string; label: string; record: string; version: number }[] = [];

  constructor(api: PlatformApi) {
    this.#api = api;
  }

  /** Fetches the commands for these cards; gives how many there are. */
  async load(pans: readonly string[]): Promise<number> {
    const { cards } = await this.#api.post<{ cards: SentCommand[][] }>('/api/keys/record-keys/commands', {
      cards: pans,
    });
    let count = 0;
    cards.forEach((commands, index) => {
      count += commands.length;
      this.#commands.set(
        pans[index]!,
        commands.map((sent) => ({ ...sent, command: fromHex(sent.command) })),
      );
    });
    return count;
  }

  commandsFor(pan: string): readonly RecordKeyReplacement[] {
    return this.#commands.get(pan) ?? [];
  }

  replaced(pan: string, { label, record, version }: RecordKeyReplacement): void {
    this.#replaced.push({ card: pan, label, record, version });
    this.#commands.set(
      pan,
      this.commandsFor(pan).filter((waiting) => waiting.record !== record),
    );
  }

  /** Tells the platform which records have taken their next key; what could not be told is told next time. */
  async report(): Promise<number> {
    const replaced = this.#replaced;
    this.#replaced = [];
    try {
      if (replaced.length > 0) await this.#api.post('/api/keys/record-keys/replaced', { replaced });
    } catch (error) {
      this.#replaced = [...replaced, ...this.#replaced];
      throw error;
    }
    return replaced.length;
  }
}

/** Loads the PSAMs of these terminals with every version that serves now. */
export async function reloadPsams(api: PlatformApi, zone: Zone, terminals: readonly FleetTerminal[]): Promise<void> {
  const keys = await api.post<SentPsamKey[]>('/api/sams/reissue', {
    zoneId: zone.zoneId,
    terminals: terminals.map(({ enrolled }) => enrolled.terminalNo),
  });
  const clear = keys.map(({ label, version, enciphered }) => ({
    ...{ label, version },
    key: decryptBlocks('des-ede-ecb', zone.key, fromHex(enciphered)),
  }));
  for (const terminal of terminals) terminal.loadPsam(clear);
}
