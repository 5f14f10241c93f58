/** The matrix behind duties: who has which permission, by which way. Roles may include roles, people stand in for others. */
import type { Duties, DutyAct, DutyPerson, Half } from '../schema/duties.ts';

export class DutyMatrix {
  readonly duties: Duties;
  readonly #ofRole = new Map<string, ReadonlySet<string>>();

  constructor(duties: Duties) {
    this.duties = duties;
  }

  /** Permissions of a role, those of included roles with it; a circle of roles ends where it began. */
  ofRole(id: string): ReadonlySet<string> {
    const known = this.#ofRole.get(id);
    if (known !== undefined) return known;
    const found = new Set<string>();
    const seen = new Set<string>();
    const visit = (roleId: string): void => {
      if (seen.has(roleId)) return;
      seen.add(roleId);
      const role = this.duties.roles.find((candidate) => candidate.id === roleId);
      for (const permission of role?.permissions ?? []) found.add(permission);
      for (const included of role?.includes ?? []) visit(included);
    };
    visit(id);
    this.#ofRole.set(id, found);
    return found;
  }

  /** Roles of a person and of everybody the person stands in for, each with the way it came by. */
  rolesOf(person: DutyPerson): Map<string, string> {
    const roles = new Map<string, string>();
    const seen = new Set<string>();
    const visit = (current: DutyPerson, way: string): void => {
      if (seen.has(current.id)) return;
      seen.add(current.id);
      for (const role of current.roles) if (!roles.has(role)) roles.set(role, way === '' ? role : `${way} → ${role}`);
      for (const id of current.standsInFor ?? []) {
        const other = this.duties.people.find((candidate) => candidate.id === id);
        if (other !== undefined) visit(other, way === '' ? id : `${way} → ${id}`);
      }
    };
    visit(person, '');
    return roles;
  }

  ofPerson(person: DutyPerson): ReadonlySet<string> {
    return new Set([...this.rolesOf(person).keys()].flatMap((role) => [...this.ofRole(role)]));
  }

  half(permissionId: string): Half | undefined {
    return this.duties.permissions.find(({ id }) => id === permissionId)?.half;
  }

  halvesOf(permissions: Iterable<string>): Set<Half> {
    return new Set([...permissions].flatMap((id) => this.half(id) ?? []));
  }

  /** Smallest groups of people who can carry an act through: who asks, and as many approvals as it wants. */
  chains(act: DutyAct, permissions: ReadonlyMap<string, ReadonlySet<string>>, limit = 5000): string[][] {
    const people = [...permissions.keys()];
    const approvers = people.filter((id) => permissions.get(id)!.has(act.approve));
    const chains: string[][] = [];
    for (const requester of people.filter((id) => permissions.get(id)!.has(act.request))) {
      const others = act.ownRequest === 'allowed' ? approvers : approvers.filter((id) => id !== requester);
      for (const group of combinations(others, act.approvals)) {
        chains.push([...new Set([requester, ...group])].sort());
        if (chains.length >= limit) return chains;
      }
    }
    return chains;
  }
}

/** Every choice of `count` out of a list. */
export function* combinations<T>(list: readonly T[], count: number): Generator<T[]> {
  if (count === 0) {
    yield [];
    return;
  }
  for (let index = 0; index <= list.length - count; index++) {
    for (const rest of combinations(list.slice(index + 1), count - 1)) yield [list[index]!, ...rest];
  }
}
