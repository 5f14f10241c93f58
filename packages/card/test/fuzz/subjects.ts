/** Every applet there is, in every situation that matters. */
import { encodeCommand, fromHex, parseResponse } from '@polycard/bytes';
import {
  DEFAULT_PROTOCOL,
  encodeDelete,
  encodeExternalAuthenticate,
  encodeGetStatus,
  encodeInitializeUpdate,
  encodeInstall,
  encodeLoad,
  encodePutKey,
  encodeSetStatus,
  encodeStoreGroupings,
  establishChannel,
  keyTypeOf,
  parseInitializeUpdateAnswer,
  personaliseCard,
  type ScpNumber,
  type SecureMessaging,
} from '@polycard/globalplatform';
import {
  AID_PBOC_DEBIT,
  type CardInterface,
  type CardSnapshot,
  testIssuerKeys,
  type VirtualCard,
} from '../../src/index.ts';
import { activateMetro, CardTerminal, metroExit } from '../card-terminal.ts';
import { hostOptions, issuerCard, recordedApplications } from '../issuer.ts';
import { APPLICATION, changedParts, forbiddenChanges, memoryOf } from '../pboc-invariant.ts';
import { personalisedCard, scenarios } from '../transcript-card.ts';
import { type FuzzSubject, parsable, type Session } from './fuzz.ts';
import { industrySubjects } from './industry-subjects.ts';
import { purseSubjects } from './purse-subjects.ts';

const ISSUER_DOMAIN = 'A000000151000000';
const PPSE = '325041592E5359532E4444463031';
const PSE = '315041592E5359532E4444463031';
const NONE = new Uint8Array(0);
const LEVEL: Readonly<Record<ScpNumber, number>> = { 2: 0x03, 3: 0x33 };

const hexSeeds = (...commands: string[]): Uint8Array[] => commands.map(fromHex);

/** Secure channel at once, without the host library: the harness is synchronous. */
function openChannel(card: VirtualCard, scp: ScpNumber): SecureMessaging {
  const hostChallenge = fromHex('0102030405060708');
  const answer = parseResponse(card.transmit(encodeCommand(encodeInitializeUpdate({ keyVersion: 0, hostChallenge }))));
  const { protocol, cardChallenge, sequence } = parseInitializeUpdateAnswer(answer.data, DEFAULT_PROTOCOL[2].i);
  const challenges = { host: hostChallenge, card: cardChallenge, sequence };
  const { hostCryptogram, messaging } = establishChannel(protocol, testIssuerKeys(scp).keys, challenges);
  const authentication = messaging.protectCommand(encodeExternalAuthenticate(LEVEL[scp], hostCryptogram));
  card.transmit(encodeCommand(authentication));
  messaging.begin(LEVEL[scp]);
  return messaging;
}

function sessionOver(messaging: SecureMessaging): Session {
  return (plain) => {
    const command = parsable(plain);
    // what the channel cannot carry goes as it is, and ends it
    if (command === undefined || command.data.length > messaging.dataBytesMax) return plain;
    return encodeCommand(messaging.protectCommand(command));
  };
}

/** Every management command, its secrets under a DEK that holds in every session of the card. */
function managementSeeds(scp: ScpNumber): Uint8Array[] {
  const { messaging } = establishChannel(DEFAULT_PROTOCOL[scp], testIssuerKeys(scp).keys, {
    ...{ host: new Uint8Array(8), card: new Uint8Array(scp === 2 ? 6 : 8), sequence: new Uint8Array(2) },
  });
  const type = keyTypeOf(scp);
  const keys = [1, 2, 3].map((byte) => ({ type, key: new Uint8Array(16).fill(byte) }));
  const [loadFile, instance] = [fromHex('A0000003330101'), fromHex('A000000333010102')];
  const content = { loadFile, module: AID_PBOC_DEBIT, privileges: new Uint8Array(3), applicationParameters: NONE };
  const commands = [
    encodeGetStatus('applications'),
    encodeGetStatus('loadFilesAndModules', NONE, true),
    encodeInstall({ purpose: 'install', makeSelectable: true, instance, ...content }),
    encodeInstall({ purpose: 'install', makeSelectable: false, instance, ...content }),
    encodeInstall({ purpose: 'make selectable', instance, privileges: fromHex('000000') }),
    encodeInstall({ purpose: 'personalisation', instance: AID_PBOC_DEBIT }),
    encodeInstall({ purpose: 'load', loadFile, securityDomain: NONE, hash: NONE, parameters: NONE }),
    ...encodeLoad(fromHex('010011DECAFFED010204000107A0000003330101'), 12),
    encodeDelete({ kind: 'content', aid: instance, andRelated: false }),
    encodeDelete({ kind: 'content', aid: loadFile, andRelated: true }),
    encodeDelete({ kind: 'keys', id: undefined, version: 0x41 }),
    encodePutKey({ replaces: 0, version: 0x41, firstId: 1, keys }, messaging),
    encodeSetStatus({ target: 'application', state: 0x80, aid: AID_PBOC_DEBIT }),
    encodeSetStatus({ target: 'application', state: 0x00, aid: AID_PBOC_DEBIT }),
    encodeSetStatus({ target: 'card', state: 0x07, aid: NONE }),
    ...encodeStoreGroupings([{ dgi: '9102', data: fromHex('A500') }], 200, messaging),
  ];
  const objects = hexSeeds('80E290000742050102030405', '80E290000B9F66081122334455667788', '80E29000024200');
  const reads = hexSeeds('80CA006600', '80CA00E000', '80CA9F7F00', '80CA2F00025C0000', '80F24002024F0000');
  return [...commands.map(encodeCommand), ...objects, ...reads];
}

const MANAGES: ReadonlySet<number> = new Set([0xd8, 0xe2, 0xe4, 0xe6, 0xe8, 0xf0]);

function issuerDomainSubjects(start: CardSnapshot, scp: ScpNumber): FuzzSubject[] {
  const common = { interface: 'contactless' as CardInterface, start, aid: ISSUER_DOMAIN };
  return [
    {
      ...{ ...common, name: `issuer domain, SCP0${scp}, in clear`, commandsPerChange: scp === 3 ? 2000 : 0 },
      seeds: [
        ...managementSeeds(scp),
        ...hexSeeds('8050000008010203040506070800', '848201001061B103B83DA9944E868AD32959B3E951', '00A4040000'),
      ],
      objection: ({ command, answer, applications }) =>
        // SCP03 counts sessions at INITIALIZE UPDATE
        scp === 3 && command[1] === 0x50 && answer.endsWith('9000') && applications.length === 0
          ? undefined
          : 'a change without authentication',
    },
    {
      ...{ ...common, name: `issuer domain, SCP0${scp}, authenticated`, commandsPerChange: 400 },
      seeds: managementSeeds(scp),
      openSession: (card) => sessionOver(openChannel(card, scp)),
      objection: ({ command, answer, applications }) => {
        if (command[1] === 0x50) return undefined;
        if (!answer.endsWith('9000')) return 'a change by a refused command';
        if (!MANAGES.has(command[1]!)) return 'a change by a command that only reads';
        const mayTouchApplications = command[1] === 0xe4 || command[1] === 0xe2;
        return applications.length > 0 && !mayTouchApplications ? `changed ${applications.join()}` : undefined;
      },
    },
  ];
}

/** A blank application behind the domain's secure channel, given its own groupings in any broken form. */
function blankApplicationSubject(start: CardSnapshot, scp: ScpNumber): FuzzSubject {
  const pboc = recordedApplications()[2]!;
  const seedsOf = (messaging: SecureMessaging): Uint8Array[] =>
    encodeStoreGroupings(pboc.groupings, 200, messaging).map(encodeCommand);
  const { messaging } = establishChannel(DEFAULT_PROTOCOL[3], testIssuerKeys(3).keys, {
    ...{ host: new Uint8Array(8), card: new Uint8Array(8), sequence: NONE },
  });
  return {
    ...{ name: `blank PBOC application, SCP0${scp}`, interface: 'contactless', start, aid: APPLICATION },
    // under SCP03 the DEK is the static key: these go through as they are
    seeds: [...seedsOf(messaging), ...hexSeeds('80CA9F7900', '00B2010C00', '80A8000002830000')],
    openSession: (card) => sessionOver(openChannel(card, scp)),
    objection: ({ command, answer }) => {
      if (command[1] === 0x50) return undefined;
      const isLast = command[1] === 0xe2 && (command[2]! & 0x80) !== 0 && answer.endsWith('9000');
      return isLast ? undefined : 'kept something before the end of personalisation';
    },
    commandsPerChange: 0,
  };
}

function directorySubject(aid: string, cardInterface: CardInterface): FuzzSubject {
  return {
    ...{ name: aid === PPSE ? 'PPSE' : 'PSE', interface: cardInterface, start: personalisedCard().snapshot(), aid },
    seeds: hexSeeds(
      '00B2010C00',
      '00B2020C00',
      '80E2800005910202A500',
      `00A404000E${aid}00`,
      '80CA9F7F00',
      '00B2011400',
    ),
    objection: () => 'a directory changed',
    commandsPerChange: 0,
  };
}

function livePbocCard(): VirtualCard {
  const terminal = new CardTerminal(personalisedCard());
  activateMetro(terminal);
  metroExit(terminal, 100, 1);
  return terminal.card;
}

function pbocSubject(cardInterface: CardInterface): FuzzSubject {
  const sent = scenarios
    .filter((scenario) => scenario.interface === cardInterface)
    .flatMap((scenario) => scenario.steps.flatMap(({ c }) => c ?? []));
  return {
    ...{ name: `PBOC application, ${cardInterface}`, interface: cardInterface, aid: APPLICATION },
    start: livePbocCard().snapshot(),
    seeds: [...new Set(sent)].map(fromHex),
    objection: ({ command, answer, before, after, registry, applications }) => {
      if (registry || applications.some((aid) => aid !== APPLICATION)) return 'changed another application';
      const wrong = forbiddenChanges(command, answer, changedParts(memoryOf(before), memoryOf(after)));
      return wrong.length === 0 ? undefined : `changed ${wrong.join(', ')}`;
    },
    commandsPerChange: 100,
  };
}

async function installedBlank(scp: ScpNumber): Promise<CardSnapshot> {
  const card = issuerCard(DEFAULT_PROTOCOL[scp]);
  const [ppse, , pboc] = recordedApplications();
  await personaliseCard(card, [ppse!], hostOptions(DEFAULT_PROTOCOL[scp]));
  // Installed by a personaliser whose data the card refuses
  const refused = { ...pboc!, groupings: [{ dgi: '9000', data: NONE }] };
  await personaliseCard(card, [refused], hostOptions(DEFAULT_PROTOCOL[scp])).catch(() => undefined);
  return card.snapshot();
}

/** Seeds of these subjects do not depend on the run. */
export async function fuzzSubjects(): Promise<FuzzSubject[]> {
  const [scp02, scp03] = await Promise.all([installedBlank(2), installedBlank(3)]);
  return [
    ...issuerDomainSubjects(scp02, 2),
    ...issuerDomainSubjects(scp03, 3),
    blankApplicationSubject(scp03, 3),
    directorySubject(PPSE, 'contactless'),
    directorySubject(PSE, 'contact'),
    pbocSubject('contactless'),
    pbocSubject('contact'),
    ...purseSubjects(),
    ...industrySubjects(),
  ];
}
