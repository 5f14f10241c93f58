/** GET STATUS of the issuer security domain (GPC 2.3.1 §11.4): the whole registry, because it has Global Registry. */
import {
  concat,
  fromHex,
  SW_6A88_REFERENCED_DATA_NOT_FOUND,
  SW_6310_MORE_DATA,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
  toHex,
} from '@polycard/bytes';
import {
  encodeStatusEntry,
  parseGetStatus,
  Refusal,
  type StatusEntry,
  type StatusScope,
} from '@polycard/globalplatform';
import { loadFileOf } from '../load-files.ts';
import { APPLICATION_PERSONALIZED, LOCKED_BIT, type RegistryApplication } from '../registry.ts';
import type { DomainCommand, DomainContext } from './context.ts';
import { domainPrivileges, LOAD_FILE_OF_DOMAINS } from './policy.ts';

/** An answer leaves room for the padding and MAC of any secure channel. */
const ANSWER_BYTES_MAX = 200;
const LOAD_FILE_LOADED = 0x01;

/** SELECTABLE becomes PERSONALIZED by the application's own word. */
export function applicationState({ instance }: DomainContext, { aid, state }: RegistryApplication): number {
  const isSelectable = (state & ~LOCKED_BIT) === 0x07;
  return isSelectable && instance(aid)?.isPersonalised() === true ? state | APPLICATION_PERSONALIZED : state;
}

function entriesOf(context: DomainContext, scope: StatusScope): StatusEntry[] {
  const { state } = context.registry;
  const securityDomain = fromHex(state.domainAid);
  switch (scope) {
    case 'issuerDomain':
      return [
        {
          ...{ aid: securityDomain, lifeCycle: state.cardState, privileges: domainPrivileges(state), securityDomain },
          loadFile: LOAD_FILE_OF_DOMAINS,
        },
      ];
    case 'applications':
      return state.applications.map((application) => ({
        ...{ aid: fromHex(application.aid), privileges: application.privileges, securityDomain },
        ...{ lifeCycle: applicationState(context, application), loadFile: fromHex(application.loadFile) },
      }));
    case 'loadFiles':
    case 'loadFilesAndModules':
      return state.loadFiles.flatMap((aid) => {
        const file = loadFileOf(aid);
        if (file === undefined) return [];
        const modules = scope === 'loadFiles' ? {} : { modules: file.modules.map((module) => module.aid) };
        const version = Uint8Array.from(file.version);
        return [{ aid: file.aid, lifeCycle: LOAD_FILE_LOADED, version, ...modules, securityDomain }];
      });
  }
}

export const getStatus: DomainCommand = (context, command) => {
  const { scope, next, aid, tags } = parseGetStatus(command);
  const { session } = context;
  let entries: readonly Uint8Array[];
  if (next) {
    const pending = session.pendingStatus;
    if (pending?.p1 !== command.p1) throw new Refusal(SW_6985_CONDITIONS_NOT_SATISFIED, 'there is no next occurrence');
    entries = pending.entries;
  } else {
    const wanted = toHex(aid);
    const all = entriesOf(context, scope);
    // the criterion does not apply to the one issuer domain
    const found = scope === 'issuerDomain' ? all : all.filter((entry) => toHex(entry.aid).startsWith(wanted));
    entries = found.map((entry) => encodeStatusEntry(entry, tags));
  }
  session.pendingStatus = undefined;
  if (entries.length === 0) throw new Refusal(SW_6A88_REFERENCED_DATA_NOT_FOUND, 'nothing found');
  let count = 1;
  let length = entries[0]!.length;
  while (count < entries.length && length + entries[count]!.length <= ANSWER_BYTES_MAX)
    length += entries[count++]!.length;
  const data = concat(...entries.slice(0, count));
  if (count === entries.length) return { sw: SW_9000_SUCCESS, data };
  session.pendingStatus = { p1: command.p1, entries: entries.slice(count) };
  return { sw: SW_6310_MORE_DATA, data };
};
