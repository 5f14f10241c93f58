/**
 * Personalisation of a card from the host: install what is missing from the packages the card lists, open a secure
 * channel, store the data groupings. The same on a virtual card and on a card behind a reader.
 */
import {
  type AsyncCardChannel,
  PolycardError,
  SW_6A88_REFERENCED_DATA_NOT_FOUND,
  SW_6310_MORE_DATA,
  SW_9000_SUCCESS,
  swHex,
  toHex,
} from '@polycard/bytes';
import { describeGpStatusWord } from '../commands/describe.ts';
import { encodeGetData, parseCardRecognitionData, TAG_66_CARD_DATA } from '../commands/get-data.ts';
import { encodeGetStatus, parseStatusEntries, type StatusEntry, type StatusScope } from '../commands/get-status.ts';
import { encodeInstall } from '../commands/install.ts';
import { encodeSelect, parseSecurityDomainFci } from '../commands/select.ts';
import { encodeSetStatus } from '../commands/set-status.ts';
import { encodeStoreGroupings, type Grouping, INS_E2_STORE_DATA } from '../commands/store-data.ts';
import {
  HostSecureChannel,
  type OpenChannelOptions,
  sendPlain,
  sendPlainExpectingSuccess,
} from './host-secure-channel.ts';

export interface ApplicationPersonalisation {
  readonly aid: Uint8Array;
  /** In the order the card gets them; the last one completes the application. */
  readonly groupings: readonly Grouping[];
  /** Where it is installed from when the card does not have it; else the load file that lists a module of the AID. */
  readonly source?: { readonly loadFile: Uint8Array; readonly module: Uint8Array };
}

export interface PersonaliserOptions extends OpenChannelOptions {
  /** `application`: its own secure channel, after SELECT. `domain`: INSTALL [for personalisation] at the issuer domain. */
  readonly through?: 'application' | 'domain';
  /** Issuer security domain; the card's default one unless given. */
  readonly domainAid?: Uint8Array;
}

export interface PersonalisationReport {
  readonly applications: readonly {
    readonly aid: string;
    readonly installedFrom?: string;
    readonly groupings: number;
    /** STORE DATA commands. */
    readonly commands: number;
  }[];
  readonly scp: string;
  readonly keyVersion: number;
  readonly securityLevel: string;
}

const NONE = new Uint8Array(0);
const CARD_INITIALIZED = 0x07;
const CARD_SECURED = 0x0f;
const hexByte = (value: number): string => value.toString(16).toUpperCase().padStart(2, '0');

interface Opened {
  readonly session: HostSecureChannel;
  readonly blockBytesMax: number;
}

/** SELECT and a secure channel with what was selected; an SCP02 card is asked for its options first. */
async function openAt(channel: AsyncCardChannel, aid: Uint8Array, options: PersonaliserOptions): Promise<Opened> {
  const fci = await sendPlainExpectingSuccess(channel, encodeSelect(aid));
  const { commandDataBytesMax } = parseSecurityDomainFci(fci);
  const session = await HostSecureChannel.open(channel, options);
  return { session, blockBytesMax: Math.min(commandDataBytesMax, session.messaging.dataBytesMax) };
}

/** The `i` of an SCP02 card from its card data, which are free to read at the issuer domain. */
async function scp02OptionOf(channel: AsyncCardChannel, domainAid: Uint8Array): Promise<number | undefined> {
  const selected = await sendPlain(channel, encodeSelect(domainAid));
  if (selected.sw !== SW_9000_SUCCESS) return undefined;
  const { data, sw } = await sendPlain(channel, encodeGetData(TAG_66_CARD_DATA));
  if (sw !== SW_9000_SUCCESS) return undefined;
  try {
    return parseCardRecognitionData(data).find(({ scp }) => scp === 2)?.i;
  } catch {
    return undefined;
  }
}

/** All entries of a kind, however many answers they take. Empty when the card has none. */
export async function readRegistry(session: HostSecureChannel, scope: StatusScope): Promise<StatusEntry[]> {
  const entries: StatusEntry[] = [];
  for (let next = false; ; next = true) {
    const { data, sw } = await session.send(encodeGetStatus(scope, NONE, next));
    if (sw === SW_6A88_REFERENCED_DATA_NOT_FOUND) return entries;
    if (sw !== SW_9000_SUCCESS && sw !== SW_6310_MORE_DATA) {
      throw new PolycardError('POLYCARD_GP_CARD_ANSWER', `the card answered ${swHex(sw)} to GET STATUS`, {
        where: 'GET STATUS',
        expected: '9000 or 6310',
      });
    }
    entries.push(...parseStatusEntries(data));
    if (sw === SW_9000_SUCCESS) return entries;
  }
}

async function sourceOf(session: HostSecureChannel, application: ApplicationPersonalisation) {
  if (application.source !== undefined) return application.source;
  const files = await readRegistry(session, 'loadFilesAndModules');
  const wanted = toHex(application.aid);
  for (const { aid, modules = [] } of files) {
    const module = modules.find((candidate) => toHex(candidate) === wanted);
    if (module !== undefined) return { loadFile: aid, module };
  }
  const listed = files.flatMap(({ modules = [] }) => modules.map(toHex)).join(', ');
  throw new PolycardError('POLYCARD_GP_NO_MODULE', `the card lists no module ${wanted} to install from`, {
    where: 'GET STATUS',
    expected: `a load file with this module; the card lists ${listed === '' ? 'none' : listed}`,
  });
}

/** Installs and makes selectable what the card does not have yet. Gives the load file's AID. */
async function installMissing(
  channel: AsyncCardChannel,
  application: ApplicationPersonalisation,
  options: PersonaliserOptions,
): Promise<string> {
  const { session } = await openAt(channel, options.domainAid ?? NONE, options);
  const { loadFile, module } = await sourceOf(session, application);
  const install = encodeInstall({
    ...{ purpose: 'install', makeSelectable: true, loadFile, module, instance: application.aid },
    ...{ privileges: new Uint8Array(3), applicationParameters: NONE },
  });
  await session.sendExpectingSuccess(install);
  return toHex(loadFile);
}

/** OP_READY to INITIALIZED to SECURED (GPC 2.3.1 §5.1.1); what it is already stays. */
export async function secureCard(channel: AsyncCardChannel, given: PersonaliserOptions): Promise<void> {
  const domainAid = given.domainAid ?? NONE;
  const scp02Option = given.scp02Option ?? (await scp02OptionOf(channel, domainAid));
  const options = scp02Option === undefined ? given : { ...given, scp02Option };
  const { session } = await openAt(channel, domainAid, options);
  const [domain] = await readRegistry(session, 'issuerDomain');
  for (const state of [CARD_INITIALIZED, CARD_SECURED]) {
    if ((domain?.lifeCycle ?? 0) >= state) continue;
    await session.sendExpectingSuccess(encodeSetStatus({ target: 'card', state, aid: NONE }));
  }
}

async function storeGroupings({ session, blockBytesMax }: Opened, groupings: readonly Grouping[]): Promise<number> {
  const commands = encodeStoreGroupings(groupings, blockBytesMax, session.messaging);
  for (const [block, command] of commands.entries()) {
    const { sw } = await session.send(command);
    if (sw === SW_9000_SUCCESS) continue;
    const dgi = toHex(command.data.subarray(0, 2));
    const { en } = describeGpStatusWord(INS_E2_STORE_DATA, sw);
    throw new PolycardError(
      'POLYCARD_GP_STORE_DATA',
      `the card answered ${swHex(sw)} to STORE DATA block ${block} (begins ${dgi}): ${en}`,
      { where: `STORE DATA block ${block}`, expected: '9000' },
    );
  }
  return commands.length;
}

/**
 * One application after another. An application the card already has is personalised as it is; the card refuses if it
 * is not blank. Throws `POLYCARD_GP_*`; what was done before stays done.
 */
export async function personaliseCard(
  channel: AsyncCardChannel,
  applications: readonly ApplicationPersonalisation[],
  given: PersonaliserOptions,
): Promise<PersonalisationReport> {
  const domainAid = given.domainAid ?? NONE;
  const scp02Option = given.scp02Option ?? (await scp02OptionOf(channel, domainAid));
  const options = scp02Option === undefined ? given : { ...given, scp02Option };
  const done: PersonalisationReport['applications'][number][] = [];
  let last: HostSecureChannel | undefined;
  for (const application of applications) {
    const { aid, groupings } = application;
    const present = await sendPlain(channel, encodeSelect(aid));
    const installedFrom =
      present.sw === SW_9000_SUCCESS ? undefined : await installMissing(channel, application, options);
    const throughDomain = options.through === 'domain';
    const opened = await openAt(channel, throughDomain ? domainAid : aid, options);
    if (throughDomain) {
      await opened.session.sendExpectingSuccess(encodeInstall({ purpose: 'personalisation', instance: aid }));
    }
    const commands = await storeGroupings(opened, groupings);
    last = opened.session;
    done.push({
      ...{ aid: toHex(aid), groupings: groupings.length, commands },
      ...(installedFrom === undefined ? {} : { installedFrom }),
    });
  }
  return {
    applications: done,
    scp: last === undefined ? '' : hexByte(last.protocol.scp),
    keyVersion: last?.keyVersion ?? 0,
    securityLevel: last === undefined ? '' : hexByte(last.messaging.level),
  };
}
