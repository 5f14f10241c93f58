import type { RandomSource } from '@polycard/crypto';
import type { Vault } from '@polycard/vault';
import type { FastifyBaseLogger } from 'fastify';
import type { LastMessages } from './gateway/last-messages.ts';
import type { LocalAccess } from './local-access.ts';
import type { KeyUses } from './modules/audit/key-uses.ts';
import type { ParameterDirectory } from './modules/parameters/directory.ts';
import type { SessionService } from './modules/session/service.ts';
import type { Region } from './region.ts';
import type { OpenDatabase } from './store/database.ts';

/** What the modules share. Each takes what it needs from here; none reaches into another's tables. */
export interface PlatformContext {
  readonly store: OpenDatabase;
  /** Under custody: every use of a key is checked and becomes an audit entry. */
  readonly vault: Vault;
  readonly keyUses: KeyUses;
  /** The blueprint's own; under a parameter version `parameters.regionOf`. */
  readonly region: Region;
  readonly parameters: ParameterDirectory;
  /** For what is no database: keystores, transcripts of ceremonies. */
  readonly dataDirectory: string;
  readonly sessions: SessionService;
  readonly localAccess: LocalAccess;
  /** Last frames of each terminal, without what must not be seen. */
  readonly lastMessages: LastMessages;
  /** Where terminals find the gateway; port 0 until it listens. */
  readonly gatewayAddress: () => { readonly host: string; readonly port: number };
  readonly random: RandomSource;
  readonly now: () => Date;
  readonly log: FastifyBaseLogger;
}
