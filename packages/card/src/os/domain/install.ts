/** INSTALL at the issuer security domain (GPC 2.3.1 §11.5, §9.3). */
import {
  SW_6A80_WRONG_DATA,
  SW_6A88_REFERENCED_DATA_NOT_FOUND,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  toHex,
} from '@polycard/bytes';
import {
  type InstallForInstall,
  type InstallForLoad,
  type InstallForMakeSelectable,
  parseInstall,
  Refusal,
} from '@polycard/globalplatform';
import { loadFileOf } from '../load-files.ts';
import { APPLICATION_INSTALLED, APPLICATION_SELECTABLE, LOCKED_BIT, type RegistryState } from '../registry.ts';
import { DONE_WITHOUT_CONFIRMATION, type DomainCommand, type DomainContext } from './context.ts';
import { requirePrivileges } from './policy.ts';

const APPLICATIONS_MAX = 32;

const unknown = (what: string): Refusal =>
  new Refusal(SW_6A88_REFERENCED_DATA_NOT_FOUND, `the card has no such ${what}`);
const forbidden = (why: string): Refusal => new Refusal(SW_6985_CONDITIONS_NOT_SATISFIED, why);

/** An application AID may be that of a module, never of a load file or another application (GPC 2.3.1 §6.5.1.1). */
export function isAidInUse({ domainAid, applications, loadFiles }: RegistryState, aid: string): boolean {
  return aid === domainAid || loadFiles.includes(aid) || applications.some((application) => application.aid === aid);
}

function installApplication({ registry }: DomainContext, install: InstallForInstall): void {
  const { state } = registry;
  const [loadFile, module, aid] = [install.loadFile, install.module, install.instance].map(toHex) as [
    string,
    string,
    string,
  ];
  const file = state.loadFiles.includes(loadFile) ? loadFileOf(loadFile) : undefined;
  if (file === undefined) throw unknown('load file');
  if (!file.modules.some((candidate) => toHex(candidate.aid) === module)) throw unknown('module');
  if (isAidInUse(state, aid)) throw forbidden('the AID is in use');
  if (state.applications.length >= APPLICATIONS_MAX) throw new Refusal(0x6a84, 'the registry is full');
  requirePrivileges(state, install.privileges, aid);
  const own = install.makeSelectable ? APPLICATION_SELECTABLE : APPLICATION_INSTALLED;
  const application = { aid, module, loadFile, privileges: install.privileges, state: own };
  registry.change({ applications: [...state.applications, application] });
}

function makeSelectable({ registry }: DomainContext, { instance, privileges }: InstallForMakeSelectable): void {
  const { state } = registry;
  const aid = toHex(instance);
  const application = state.applications.find((candidate) => candidate.aid === aid);
  if (application === undefined) throw unknown('application');
  requirePrivileges(state, privileges, aid);
  const locked = application.state & LOCKED_BIT;
  const merged = application.privileges.map((byte, index) => byte | privileges[index]!);
  const changed = { ...application, privileges: merged, state: APPLICATION_SELECTABLE | locked };
  registry.change({ applications: state.applications.map((other) => (other === application ? changed : other)) });
}

function beginLoad({ registry, session }: DomainContext, { loadFile, securityDomain }: InstallForLoad): void {
  const { state } = registry;
  const aid = toHex(loadFile);
  if (isAidInUse(state, aid)) throw forbidden('the AID is in use');
  if (securityDomain.length > 0 && toHex(securityDomain) !== state.domainAid) throw unknown('security domain');
  session.load = { loadFile: aid, nextBlock: 0, received: [] };
}

export const install: DomainCommand = (context, command) => {
  const parsed = parseInstall(command);
  const { session, registry, instance } = context;
  session.personalising = undefined;
  switch (parsed.purpose) {
    case 'load':
      beginLoad(context, parsed);
      break;
    case 'install':
      installApplication(context, parsed);
      break;
    case 'make selectable':
      makeSelectable(context, parsed);
      break;
    case 'personalisation': {
      const aid = toHex(parsed.instance);
      const application = registry.state.applications.find((candidate) => candidate.aid === aid);
      if (application === undefined || instance(aid) === undefined) throw unknown('application');
      if (application.state !== APPLICATION_SELECTABLE) throw forbidden('the application is not selectable');
      session.personalising = aid;
      break;
    }
    case 'extradition':
      // There is one domain: what is its own stays where it is, anything else is unknown
      if (toHex(parsed.securityDomain) !== registry.state.domainAid) throw unknown('security domain');
      if (!isAidInUse(registry.state, toHex(parsed.instance))) throw unknown('application or load file');
      if (toHex(parsed.instance) === registry.state.domainAid) {
        throw new Refusal(SW_6A80_WRONG_DATA, 'the issuer domain cannot be moved');
      }
      break;
  }
  return DONE_WITHOUT_CONFIRMATION;
};
