/** One simulated terminal: the library's, with parameter sets and a PSAM shared by its site. */
import {
  DenyListModule,
  DockedTerminal,
  type DockingModule,
  type DownloadedSet,
  type EnrolledTerminal,
  type JournalEntry,
  type LoadedKey,
  listVerifier,
  NextVersion,
  NO_FAULTS,
  ParameterCompiler,
  type Psam,
  type SetShelf,
  type TerminalDependencies,
  type UploadFaults,
} from '@polycard/terminal';
import { type GatewayAddress, GatewayLine } from '../link/gateway-line.ts';

export interface FleetSettings {
  readonly gateway: () => GatewayAddress;
  /** How long a lost line is tried again before the work gives up. */
  readonly patienceMs: number;
  readonly dependencies: Omit<TerminalDependencies, 'psam' | 'batchNo'>;
  readonly onUploaded?: (entry: JournalEntry, frame: Uint8Array) => void;
  /** Parts of the day that this terminal has beside the ordinary ones. */
  readonly modules?: (enrolled: EnrolledTerminal) => readonly DockingModule[];
  /** Shared by terminals of one site, like what it compiled. */
  readonly compiler?: ParameterCompiler;
}

export class FleetTerminal extends DockedTerminal {
  psam: Psam | undefined;
  readonly nextVersion: NextVersion;
  readonly denyLists: DenyListModule | undefined;
  readonly #onUploaded: FleetSettings['onUploaded'];
  #talkAgain: (() => Promise<void>) | undefined;
  #loadPsam: ((keys: readonly LoadedKey[]) => void) | undefined;

  constructor(enrolled: EnrolledTerminal, settings: FleetSettings) {
    const { gateway, patienceMs, dependencies, onUploaded, modules, compiler = new ParameterCompiler() } = settings;
    const nextVersion = new NextVersion(compiler);
    const lists =
      enrolled.listKey === undefined
        ? undefined
        : new DenyListModule({ verifier: listVerifier(enrolled.listKey), nowMs: () => Date.now() });
    super(enrolled, {
      line: {
        openLine: (timeoutMs) => GatewayLine.open(gateway(), timeoutMs),
        nowMs: () => Date.now(),
        pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        patienceMs,
      },
      tap: dependencies,
      modules: [nextVersion, ...(lists === undefined ? [] : [lists]), ...(modules?.(enrolled) ?? [])],
    });
    this.nextVersion = nextVersion;
    this.denyLists = lists;
    this.#onUploaded = onUploaded;
  }

  /** Signs in and downloads what it does not hold; `shelf` keeps sets between terminals of one site. */
  async start(
    psamOf: (region: DownloadedSet) => Psam,
    compiler: ParameterCompiler,
    shelf: SetShelf,
    mode: 'metro' | 'bus',
  ): Promise<void> {
    await this.signIn();
    const sets = await this.downloadSets(shelf);
    await this.runModules();
    this.hangUp();
    const psam = psamOf(sets.TAR);
    this.psam = psam;
    this.#loadPsam = (keys) => psam.load(compiler.psamKeys(sets.TAR, keys));
    this.takeSets(sets, compiler, mode, psam);
    this.#talkAgain = async () => {
      await this.signIn();
      const newest = await this.downloadSets(shelf);
      await this.runModules();
      this.hangUp();
      this.takeSets(newest, compiler, mode, psam);
    };
  }

  /** A later talk with the host: new working keys, what is newer of its parameters, its next version. */
  async talk(): Promise<void> {
    await this.#talkAgain?.();
  }

  /** Newer versions of the keys of its PSAM, which the site's terminals share. */
  loadPsam(keys: readonly LoadedKey[]): void {
    this.#loadPsam?.(keys);
  }

  override upload(faults: UploadFaults = NO_FAULTS, onUploaded = this.#onUploaded): Promise<void> {
    return super.upload(faults, onUploaded);
  }
}
