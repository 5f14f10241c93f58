/** Faults planted in a sound matrix, each with the rule that must find it. Also used by `npm run acceptance -- keys.4`. */
import type { Duties } from '../src/index.ts';

const person = (duties: Duties, id: string) => duties.people.find((candidate) => candidate.id === id)!;
const role = (duties: Duties, id: string) => duties.roles.find((candidate) => candidate.id === id)!;
const act = (duties: Duties, id: string) => duties.acts.find((candidate) => candidate.id === id)!;
const custody = (duties: Duties, tree: string) => duties.custody.find((candidate) => candidate.tree === tree)!;

export const DUTY_FAULTS: Readonly<
  Record<string, { readonly code: string; readonly plant: (duties: Duties) => void }>
> = {
  'a person has a role of each half': {
    code: 'person-holds-both',
    plant: (duties) => person(duties, 'zhao-lei').roles.push('management-custodian'),
  },
  'a role has permissions of each half': {
    code: 'role-holds-both',
    plant: (duties) => role(duties, 'counter-clerk').permissions.push('keys.activation.use', 'keys.management.use'),
  },
  'a role includes one of the other half': {
    code: 'role-holds-both',
    plant: (duties) => {
      role(duties, 'activation-officer').includes = ['management-officer'];
    },
  },
  'a person stands in for one of the other half': {
    code: 'person-holds-both',
    plant: (duties) => {
      person(duties, 'wang-bo').standsInFor = ['qian-ying'];
    },
  },
  'a stand-in of a stand-in is of the other half': {
    code: 'person-holds-both',
    plant: (duties) => {
      person(duties, 'wu-fan').standsInFor = ['you-jia'];
      person(duties, 'you-jia').standsInFor = ['wei-dong'];
    },
  },
  'one human being under two names': {
    code: 'one-human-twice',
    plant: (duties) => {
      person(duties, 'sun-hao').staffNo = person(duties, 'feng-xue').staffNo;
    },
  },
  'an act without approval': {
    code: 'zero-approvals',
    plant: (duties) => {
      act(duties, 'keys.management.rotate').approvals = 0;
    },
  },
  'who asks may approve': {
    code: 'own-request',
    plant: (duties) => {
      act(duties, 'keys.activation.state').ownRequest = 'allowed';
    },
  },
  'custodians of the other half approve': {
    code: 'other-half-decides',
    plant: (duties) => {
      act(duties, 'keys.activation.rotate').approve = 'keys.management.approve';
    },
  },
  'administrators grant every role': {
    code: 'chain-obtains-both',
    plant: (duties) => act(duties, 'accounts.grant-other').grants!.push('activation-custodian', 'management-custodian'),
  },
  'a chain for one half may grant the other': {
    code: 'chain-obtains-both',
    plant: (duties) => act(duties, 'accounts.grant-activation').grants!.push('management-officer'),
  },
  'an approver of activation uses management keys': {
    code: 'chain-obtains-both',
    plant: (duties) => person(duties, 'li-na').roles.push('management-officer'),
  },
  'more approvals than approvers': {
    code: 'nobody-can-approve',
    plant: (duties) => {
      act(duties, 'keys.issuer.rotate').approvals = 3;
    },
  },
  'one share opens the keys': {
    code: 'threshold',
    plant: (duties) => {
      custody(duties, 'management').needed = 1;
    },
  },
  'fewer custodians than shares': {
    code: 'too-few-custodians',
    plant: (duties) => {
      duties.people = duties.people.filter(({ id }) => id !== 'chu-yun');
    },
  },
  'one role keeps both trees': {
    code: 'one-custodian-role',
    plant: (duties) => {
      custody(duties, 'management').custodian = 'activation-custodian';
    },
  },
  'an auditor acts': {
    code: 'auditor-acts',
    plant: (duties) => person(duties, 'zhu-hong').roles.push('operator'),
  },
  'a witness holds a share': {
    code: 'witness-holds-share',
    plant: (duties) => person(duties, 'yang-guang').roles.push('issuer-custodian'),
  },
  'the administrator holds a share': {
    code: 'administrator-holds-share',
    plant: (duties) => person(duties, 'he-min').roles.push('activation-custodian'),
  },
  'an approval that no act asks for': {
    code: 'unguarded',
    plant: (duties) => {
      duties.acts = duties.acts.filter(({ id }) => !id.startsWith('keys.issuer'));
    },
  },
  'a half without any approved act': {
    code: 'half-without-approval',
    plant: (duties) => {
      duties.acts = duties.acts.filter(({ half }) => half !== 'activation');
    },
  },
  "a person with a simulation's role": {
    code: 'simulation-role',
    plant: (duties) => person(duties, 'qin-song').roles.push('fleet'),
  },
  'one account prepares cards and enrols terminals': {
    code: 'role-holds-both',
    plant: (duties) => role(duties, 'operator').permissions.push('cards.prepare', 'terminals.enrol'),
  },
  'the bureau also has the terminals': {
    code: 'person-holds-both',
    plant: (duties) => person(duties, 'cao-jun').roles.push('terminal-agent'),
  },
  'preparing cards is said to reach no keys': {
    code: 'half-not-stated',
    plant: (duties) => {
      delete duties.permissions.find(({ id }) => id === 'cards.prepare')!.half;
      role(duties, 'terminal-agent').permissions.push('cards.prepare');
    },
  },
  'enrolling terminals is said to reach opening keys': {
    code: 'half-not-stated',
    plant: (duties) => {
      duties.permissions.find(({ id }) => id === 'terminals.enrol')!.half = 'activation';
    },
  },
  'the bureau comes by a role that holds no keys': {
    code: 'grants-a-half',
    plant: (duties) => act(duties, 'accounts.grant-other').grants!.push('bureau-agent'),
  },
  'an industry without a key officer': {
    code: 'tree-without-custodian',
    plant: (duties) => {
      duties.roles = duties.roles.filter(({ id }) => id !== 'gas-custodian');
    },
  },
  'an industry whose officers cannot decide': {
    code: 'too-few-custodians',
    plant: (duties) => {
      duties.people = duties.people.filter(({ id }) => id !== 'liu-ying');
    },
  },
  'a role that does not exist': {
    code: 'unknown-role',
    plant: (duties) => person(duties, 'qin-song').roles.push('superuser'),
  },
  'a permission that does not exist': {
    code: 'unknown-permission',
    plant: (duties) => role(duties, 'operator').permissions.push('keys.everything'),
  },
  'a person stated twice': {
    code: 'named-twice',
    plant: (duties) => duties.people.push({ ...person(duties, 'li-na'), staffNo: 'T009' }),
  },
};
