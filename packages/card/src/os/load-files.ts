/**
 * The load files a card of ours can hold and the applications their modules make. The code is the virtual card's own;
 * loading, installing and deleting them changes the card's registry, as on a real card.
 */
import { fromHex, toHex } from '@polycard/bytes';
import { PbocApplication } from '../applets/pboc/application.ts';
import type { PbocSwitches } from '../applets/pboc/switches.ts';
import { DirectoryApplet } from '../applets/ppse.ts';
import type { Applet, AppletSnapshot, CardEnvironment } from './applet.ts';
import { AID_T_UNION_PURSE, type ApplicationOnCard, makeApplication } from './applications.ts';

export const AID_PPSE = fromHex('325041592E5359532E4444463031');
export const AID_PSE = fromHex('315041592E5359532E4444463031');
export const AID_PBOC_DEBIT = fromHex('A000000333010101');

export interface AppletContext {
  readonly aid: Uint8Array;
  readonly environment: CardEnvironment;
  readonly saved: AppletSnapshot;
  readonly switches: PbocSwitches;
  /** How the card maker wanted this instance. */
  readonly ordered: ApplicationOnCard | undefined;
}

export interface Module {
  readonly aid: Uint8Array;
  readonly make: (context: AppletContext) => Applet;
}

export interface LoadFile {
  readonly aid: Uint8Array;
  readonly name: string;
  /** Major and minor version. */
  readonly version: readonly [number, number];
  readonly modules: readonly Module[];
}

const PAYMENT_ENVIRONMENTS: LoadFile = {
  aid: fromHex('325041592E535953'),
  name: 'payment system environments',
  version: [1, 0],
  modules: [
    {
      aid: AID_PPSE,
      make: ({ aid, environment, saved }) => new DirectoryApplet(aid, 'contactless', environment, saved),
    },
    { aid: AID_PSE, make: ({ aid, environment, saved }) => new DirectoryApplet(aid, 'contact', environment, saved) },
  ],
};

const PBOC_DEBIT_CREDIT: LoadFile = {
  aid: fromHex('A0000003330101'),
  name: 'PBOC debit/credit, electronic cash, extended application',
  version: [3, 0],
  modules: [
    {
      aid: AID_PBOC_DEBIT,
      make: ({ aid, environment, saved, switches }) => new PbocApplication(aid, environment, switches, saved),
    },
  ],
};

const ELECTRONIC_PURSE: LoadFile = {
  aid: fromHex('A0000006320101'),
  name: 'electronic purse with CAPP purchase',
  version: [1, 0],
  modules: [
    {
      aid: AID_T_UNION_PURSE,
      make: ({ aid, environment, saved, ordered }) =>
        makeApplication({ ...(ordered?.module === 'purse' ? ordered : {}), module: 'purse', aid }, environment, saved),
    },
  ],
};

/** Module of industry file applications; each instance has the AID its specification gives it. */
const AID_INDUSTRY_FILES = fromHex('F047444943FF01');

const INDUSTRY_FILES: LoadFile = {
  aid: fromHex('F047444943FF'),
  name: 'industry file application, made from its specification',
  version: [1, 0],
  modules: [
    {
      aid: AID_INDUSTRY_FILES,
      make: ({ aid, environment, saved }) => makeApplication({ module: 'industry-files', aid }, environment, saved),
    },
  ],
};

/** Where industry file applications are installed from: their AIDs are their own, the module is this one. */
export const INDUSTRY_FILES_SOURCE = { loadFile: INDUSTRY_FILES.aid, module: AID_INDUSTRY_FILES } as const;

/** Every load file there is. A blank card lists all of them. */
export const LOAD_FILES: readonly LoadFile[] = [
  PAYMENT_ENVIRONMENTS,
  PBOC_DEBIT_CREDIT,
  ELECTRONIC_PURSE,
  INDUSTRY_FILES,
];

/** Instances a card has that comes with its applications installed, in the order of the registry. */
export const INSTALLED_AT_FACTORY: readonly { readonly aid: Uint8Array; readonly loadFile: LoadFile }[] = [
  { aid: AID_PPSE, loadFile: PAYMENT_ENVIRONMENTS },
  { aid: AID_PSE, loadFile: PAYMENT_ENVIRONMENTS },
  { aid: AID_PBOC_DEBIT, loadFile: PBOC_DEBIT_CREDIT },
];

/** Where an application that a card maker orders comes from. */
export const SOURCE_OF_ORDERED: Readonly<
  Record<ApplicationOnCard['module'], { loadFile: LoadFile; module: Uint8Array }>
> = {
  purse: { loadFile: ELECTRONIC_PURSE, module: AID_T_UNION_PURSE },
  'industry-files': { loadFile: INDUSTRY_FILES, module: AID_INDUSTRY_FILES },
};

/** By AID as hex. */
export function loadFileOf(aid: string): LoadFile | undefined {
  return LOAD_FILES.find((file) => toHex(file.aid) === aid);
}
