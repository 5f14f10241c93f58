/**
 * Proves separation of duties over the whole matrix before it goes live: no person and no approval chain can obtain
 * both halves of activation and management, approve their own request, or act with zero approvals.
 *
 * A chain is the smallest group of people who carry one act through. What a group can come to have is followed to its
 * end: an act that grants roles gives them to members of the group, which may let it carry the next act.
 */
import type { Duties, DutyPerson, Half } from '../schema/duties.ts';
import type { KeyTree } from '../schema/keys.ts';
import { DutyMatrix } from './matrix.ts';
import { REACHED_HALF } from './reach.ts';

export interface DutyFinding {
  /** The rule that is broken: `person-holds-both`, `zero-approvals` … */
  readonly code: string;
  /** Place in duties.yaml. */
  readonly where: string;
  readonly message: { readonly en: string; readonly zh: string };
  /** The people who could do it together. */
  readonly people: readonly string[];
}

export interface DutyReport {
  readonly people: number;
  readonly roles: number;
  readonly acts: number;
  /** Approval chains that were followed to their end. */
  readonly chains: number;
  readonly findings: readonly DutyFinding[];
}

const OTHER: Readonly<Record<Half, Half>> = { activation: 'management', management: 'activation' };
const HALVES: readonly Half[] = ['activation', 'management'];

export function checkDuties(
  duties: Duties,
  trees: readonly Pick<KeyTree, 'label' | 'usage' | 'custodian'>[] = [],
): DutyReport {
  const check = new DutyCheck(duties, trees);
  check.names();
  check.reach();
  check.roles();
  check.people();
  check.acts();
  check.custody();
  check.chains();
  return {
    people: duties.people.length,
    roles: duties.roles.length,
    acts: duties.acts.length,
    chains: check.followed,
    findings: check.findings,
  };
}

class DutyCheck {
  readonly findings: DutyFinding[] = [];
  followed = 0;
  readonly #duties: Duties;
  readonly #trees: readonly Pick<KeyTree, 'label' | 'usage' | 'custodian'>[];
  readonly #matrix: DutyMatrix;

  constructor(duties: Duties, trees: readonly Pick<KeyTree, 'label' | 'usage' | 'custodian'>[]) {
    this.#duties = duties;
    this.#trees = trees;
    this.#matrix = new DutyMatrix(duties);
  }

  #add(code: string, where: string, en: string, zh: string, people: readonly string[] = []): void {
    this.findings.push({ code, where, message: { en, zh }, people });
  }

  /** Everything named exists, once. */
  names(): void {
    const { permissions, roles, people, acts } = this.#duties;
    for (const [list, name] of [
      [permissions, 'permissions'],
      [roles, 'roles'],
      [people, 'people'],
      [acts, 'acts'],
    ] as const) {
      const ids = list.map(({ id }) => id);
      for (const id of new Set(ids.filter((candidate, index) => ids.indexOf(candidate) !== index)))
        this.#add('named-twice', `/${name}`, `${id} is stated twice in ${name}`, `${name} 中 ${id} 重复`);
    }
    const known = new Set(permissions.map(({ id }) => id));
    const roleIds = new Set(roles.map(({ id }) => id));
    const unknown = (kind: string, id: string, where: string): void =>
      this.#add(`unknown-${kind}`, where, `there is no ${kind} ${id}`, `没有 ${id}`);
    for (const role of roles) {
      for (const id of role.permissions) if (!known.has(id)) unknown('permission', id, `/roles/${role.id}`);
      for (const id of role.includes ?? []) if (!roleIds.has(id)) unknown('role', id, `/roles/${role.id}/includes`);
    }
    for (const act of acts)
      for (const id of [act.request, act.approve]) if (!known.has(id)) unknown('permission', id, `/acts/${act.id}`);
    for (const act of acts)
      for (const id of act.grants ?? []) if (!roleIds.has(id)) unknown('role', id, `/acts/${act.id}/grants`);
    const personIds = new Set(people.map(({ id }) => id));
    for (const person of people) {
      for (const id of person.roles) if (!roleIds.has(id)) unknown('role', id, `/people/${person.id}`);
      for (const id of person.standsInFor ?? [])
        if (!personIds.has(id)) unknown('person', id, `/people/${person.id}/standsInFor`);
    }
  }

  /** Permissions state the half that the platform lets them reach; acts give a half only as acts of that half. */
  reach(): void {
    for (const { id, half } of this.#duties.permissions) {
      const reached = REACHED_HALF[id];
      if (reached === undefined || half === reached) continue;
      this.#add(
        'half-not-stated',
        `/permissions/${id}`,
        `${id} reaches ${reached} keys, but is stated to reach ${half === undefined ? 'neither half' : half}`,
        `${id} 可触及${reached}密钥，却标为${half ?? '两者皆非'}`,
      );
    }
    for (const act of this.#duties.acts) {
      for (const role of act.grants ?? []) {
        for (const half of this.#matrix.halvesOf(this.#matrix.ofRole(role))) {
          if (half === act.half) continue;
          this.#add(
            'grants-a-half',
            `/acts/${act.id}/grants`,
            `${act.id} gives the role ${role}, which reaches ${half} keys, and is ${act.half === undefined ? 'no act on keys' : `an act on ${act.half} keys`}`,
            `${act.id} 授予可触及${half}密钥的角色 ${role}`,
          );
        }
      }
    }
  }

  /** No role carries both halves, even if nobody has it yet. */
  roles(): void {
    for (const role of this.#duties.roles) {
      const held = this.#matrix.ofRole(role.id);
      if (this.#matrix.halvesOf(held).size > 1)
        this.#add(
          'role-holds-both',
          `/roles/${role.id}`,
          `the role ${role.id} has permissions of activation and of management`,
          `角色 ${role.id} 同时拥有开通与管理两套权限`,
        );
    }
  }

  people(): void {
    const byStaffNo = Map.groupBy(this.#duties.people, ({ staffNo }) => staffNo);
    for (const [staffNo, entries] of byStaffNo) {
      if (entries.length < 2) continue;
      const ids = entries.map(({ id }) => id);
      this.#add(
        'one-human-twice',
        `/people/${ids[1]}`,
        `staff number ${staffNo} stands for ${ids.join(' and ')}: one human being, counted twice`,
        `工号 ${staffNo} 对应 ${ids.join('、')}：同一人被计两次`,
        ids,
      );
    }
    for (const person of this.#duties.people) this.#person(person);
  }

  #person(person: DutyPerson): void {
    const held = this.#matrix.ofPerson(person);
    const ways = [...this.#matrix.rolesOf(person).values()].join(', ');
    const where = `/people/${person.id}`;
    if (this.#matrix.halvesOf(held).size > 1)
      this.#add(
        'person-holds-both',
        where,
        `${person.id} holds permissions of activation and of management (${ways})`,
        `${person.id} 同时拥有开通与管理权限（${ways}）`,
        [person.id],
      );
    const kinds = new Set([...held].map((id) => this.#duties.permissions.find((known) => known.id === id)?.kind));
    const acts = ['do', 'request', 'approve', 'share'].filter((kind) => kinds.has(kind as never));
    if (kinds.has('prove') && acts.length > 0)
      this.#add(
        'auditor-acts',
        where,
        `${person.id} audits and can also ${acts.join(', ')}: nobody audits what they did`,
        `${person.id} 既审计又可操作：不得审计自己的操作`,
        [person.id],
      );
    if (kinds.has('witness') && kinds.has('share'))
      this.#add(
        'witness-holds-share',
        where,
        `${person.id} witnesses ceremonies and holds a share in them`,
        `${person.id} 既是见证人又持有密钥分量`,
        [person.id],
      );
    for (const role of this.#matrix.rolesOf(person).keys()) {
      if (this.#duties.roles.find(({ id }) => id === role)?.simulation === true)
        this.#add(
          'simulation-role',
          where,
          `${person.id} has the role ${role}, which is for simulated regions`,
          `${person.id} 拥有仅供仿真的角色 ${role}`,
          [person.id],
        );
    }
  }

  acts(): void {
    const permissions = this.#ofPeople();
    const guarded = new Set(this.#duties.acts.flatMap(({ request, approve }) => [request, approve]));
    for (const act of this.#duties.acts) {
      const where = `/acts/${act.id}`;
      if (act.approvals === 0)
        this.#add('zero-approvals', where, `${act.id} needs no approval`, `${act.id} 无需任何审批`);
      if (act.ownRequest === 'allowed')
        this.#add('own-request', where, `${act.id} may be approved by who asked for it`, `${act.id} 允许申请人自批`);
      if (act.half !== undefined) {
        for (const id of [act.request, act.approve]) {
          if (this.#matrix.half(id) === OTHER[act.half])
            this.#add(
              'other-half-decides',
              where,
              `${act.id} is an act on ${act.half} keys, ${id} is a permission of ${OTHER[act.half]}`,
              `${act.id} 属${act.half}体系，却由 ${id} 决定`,
            );
        }
      }
      const requesters = [...permissions].filter(([, held]) => held.has(act.request)).map(([id]) => id);
      const approvers = [...permissions].filter(([, held]) => held.has(act.approve)).map(([id]) => id);
      const possible = requesters.some(
        (requester) => approvers.filter((id) => id !== requester).length >= act.approvals,
      );
      if (act.ownRequest === 'refused' && act.approvals > 0 && !possible)
        this.#add(
          'nobody-can-approve',
          where,
          `${act.id} needs ${act.approvals} approvals; ${requesters.length} may ask, ${approvers.length} may approve`,
          `${act.id} 需 ${act.approvals} 人审批，可审批者不足`,
          approvers,
        );
    }
    for (const { id, kind, half } of this.#duties.permissions) {
      if ((kind === 'request' || kind === 'approve') && !guarded.has(id))
        this.#add('unguarded', `/permissions/${id}`, `no act asks for ${id}`, `没有任何操作使用权限 ${id}`);
      if (kind === 'do' && half !== undefined && this.#duties.acts.every((act) => act.half !== half))
        this.#add(
          'half-without-approval',
          `/permissions/${id}`,
          `${id} acts on ${half} keys and no act of ${half} is approved by anybody`,
          `${id} 可直接使用${half}密钥，而该体系没有任何审批`,
        );
    }
  }

  custody(): void {
    const permissions = this.#ofPeople();
    for (const custody of this.#duties.custody) {
      const where = `/custody/${custody.tree}`;
      const holders = this.#duties.people.filter((person) => person.roles.includes(custody.custodian));
      if (custody.needed < 2 || custody.needed > custody.of)
        this.#add(
          'threshold',
          where,
          `${custody.needed} of ${custody.of} shares open ${custody.tree}: one person alone, or nobody ever`,
          `${custody.tree} 门限 ${custody.needed}/${custody.of} 不成立`,
        );
      if (new Set(holders.map(({ staffNo }) => staffNo)).size < custody.of)
        this.#add(
          'too-few-custodians',
          where,
          `${custody.of} shares of ${custody.tree} are for ${holders.length} custodians: somebody would hold two`,
          `${custody.tree} 有 ${custody.of} 份分量，保管员只有 ${holders.length} 人`,
          holders.map(({ id }) => id),
        );
      for (const other of this.#duties.custody) {
        if (custody.tree === 'activation' && other.tree === 'management' && other.custodian === custody.custodian)
          this.#add(
            'one-custodian-role',
            where,
            `${custody.custodian} keeps activation and management`,
            `${custody.custodian} 同时保管开通与管理密钥`,
          );
      }
    }
    for (const tree of this.#trees) {
      if (tree.usage !== 'activation' && tree.usage !== 'management') continue;
      const held = this.#matrix.ofRole(tree.custodian);
      if (this.#matrix.halvesOf(held).has(OTHER[tree.usage]))
        this.#add(
          'tree-of-the-other-half',
          `/roles/${tree.custodian}`,
          `the custodian of ${tree.label} (${tree.usage}) has permissions of ${OTHER[tree.usage]}`,
          `${tree.label} 的保管角色拥有${OTHER[tree.usage]}权限`,
        );
    }
    this.#custodians();
    for (const [person, held] of permissions) {
      const shares = [...held].filter((id) => this.#kind(id) === 'share');
      const prepares = held.has('ceremonies.prepare');
      if (prepares && shares.length > 0)
        this.#add(
          'administrator-holds-share',
          `/people/${person}`,
          `${person} prepares ceremonies and holds a share in them`,
          `${person} 既主持仪式又持有分量`,
          [person],
        );
    }
  }

  /** Each tree is decided over by its own custodian's people, and they are enough for its acts. */
  #custodians(): void {
    for (const custodian of new Set(this.#trees.map((tree) => tree.custodian))) {
      const where = `/roles/${custodian}`;
      if (!this.#duties.roles.some(({ id }) => id === custodian)) {
        this.#add(
          'tree-without-custodian',
          where,
          `keys.yaml names ${custodian}, which is no role here: nobody answers for its keys`,
          `keys.yaml 指定的 ${custodian} 不是任何角色：其密钥无人负责`,
        );
        continue;
      }
      const held = this.#matrix.ofRole(custodian);
      const people = this.#duties.people.filter(({ roles }) => roles.includes(custodian));
      const humans = new Set(people.map(({ staffNo }) => staffNo)).size;
      const needed = Math.max(
        0,
        ...this.#duties.acts.filter(({ request }) => held.has(request)).map(({ approvals }) => approvals + 1),
      );
      if (humans < needed)
        this.#add(
          'too-few-custodians',
          where,
          `${custodian} has ${humans} people; to ask and to approve takes ${needed}`,
          `${custodian} 只有 ${humans} 人，申请与审批共需 ${needed} 人`,
          people.map(({ id }) => id),
        );
    }
  }

  /** Every approval chain, followed to what it can come to have. */
  chains(): void {
    const start = this.#ofPeople();
    const seen = new Set<string>();
    for (const act of this.#duties.acts) {
      for (const chain of this.#matrix.chains(act, start)) {
        this.followed += 1;
        const key = chain.join(' ');
        if (seen.has(key)) continue;
        seen.add(key);
        const obtained = this.#closure(chain, start);
        if (HALVES.every((half) => obtained.has(half)))
          this.#add(
            'chain-obtains-both',
            `/acts/${act.id}`,
            `${chain.join(', ')} carry ${act.id} through and together obtain activation and management`,
            `${chain.join('、')} 可共同完成 ${act.id}，并同时取得开通与管理`,
            chain,
          );
      }
    }
  }

  /** Halves that a group can act on: acts it can carry through, permissions good alone, shares enough to open. */
  #closure(group: readonly string[], start: ReadonlyMap<string, ReadonlySet<string>>): Set<Half> {
    const held = new Map(group.map((id) => [id, new Set(start.get(id))]));
    for (let grown = true; grown; ) {
      grown = false;
      for (const act of this.#duties.acts) {
        if (act.grants === undefined || !this.#canCarry(act, held)) continue;
        for (const role of act.grants) {
          for (const permissions of held.values()) {
            for (const permission of this.#matrix.ofRole(role)) {
              if (permissions.has(permission)) continue;
              permissions.add(permission);
              grown = true;
            }
          }
        }
      }
    }
    const obtained = new Set<Half>();
    for (const act of this.#duties.acts) {
      if (!this.#canCarry(act, held)) continue;
      if (act.half !== undefined) obtained.add(act.half);
      // who decides who holds a half, holds it
      for (const role of act.grants ?? [])
        for (const half of this.#matrix.halvesOf(this.#matrix.ofRole(role))) obtained.add(half);
    }
    for (const permissions of held.values())
      for (const id of permissions)
        if (this.#kind(id) === 'do') for (const half of this.#matrix.halvesOf([id])) obtained.add(half);
    for (const { tree, needed } of this.#duties.custody) {
      if (tree === 'issuer') continue;
      const holders = [...held.values()].filter((permissions) =>
        [...permissions].some((id) => this.#kind(id) === 'share' && this.#matrix.half(id) === tree),
      );
      if (holders.length >= needed) obtained.add(tree);
    }
    return obtained;
  }

  #canCarry(act: Duties['acts'][number], held: ReadonlyMap<string, ReadonlySet<string>>): boolean {
    return this.#matrix.chains(act, held, 1).length > 0;
  }

  #ofPeople(): Map<string, ReadonlySet<string>> {
    return new Map(this.#duties.people.map((person) => [person.id, this.#matrix.ofPerson(person)]));
  }

  #kind(permissionId: string): string | undefined {
    return this.#duties.permissions.find(({ id }) => id === permissionId)?.kind;
  }
}
