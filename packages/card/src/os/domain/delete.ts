/** DELETE at the issuer security domain (GPC 2.3.1 §11.2, §9.5). */
import { SW_6A88_REFERENCED_DATA_NOT_FOUND, SW_6985_CONDITIONS_NOT_SATISFIED, toHex } from '@polycard/bytes';
import { parseDelete, Refusal } from '@polycard/globalplatform';
import { DONE_WITHOUT_CONFIRMATION, type DomainCommand, type DomainContext } from './context.ts';

function deleteContent({ registry }: DomainContext, aid: string, andRelated: boolean): void {
  const { domainAid, applications, loadFiles } = registry.state;
  if (aid === domainAid) throw new Refusal(SW_6985_CONDITIONS_NOT_SATISFIED, 'the issuer domain cannot be deleted');
  if (applications.some((application) => application.aid === aid)) {
    registry.change({ applications: applications.filter((application) => application.aid !== aid) });
    return;
  }
  if (!loadFiles.includes(aid))
    throw new Refusal(SW_6A88_REFERENCED_DATA_NOT_FOUND, 'no such application or load file');
  const others = applications.filter((application) => application.loadFile !== aid);
  if (others.length < applications.length && !andRelated) {
    throw new Refusal(SW_6985_CONDITIONS_NOT_SATISFIED, 'the load file has instances');
  }
  registry.change({ loadFiles: loadFiles.filter((file) => file !== aid), applications: others });
}

/** A set is deleted whole; the card keeps at least one. */
function deleteKeys({ registry }: DomainContext, id: number | undefined, version: number | undefined): void {
  const { keySets } = registry.state;
  if (id !== undefined && (id < 1 || id > 3))
    throw new Refusal(SW_6A88_REFERENCED_DATA_NOT_FOUND, 'no key of this number');
  const kept = version === undefined ? [] : keySets.filter((set) => set.version !== version);
  if (kept.length === keySets.length)
    throw new Refusal(SW_6A88_REFERENCED_DATA_NOT_FOUND, 'no key set of this version');
  if (kept.length === 0 || (id !== undefined && version === undefined)) {
    throw new Refusal(SW_6985_CONDITIONS_NOT_SATISFIED, 'the domain would be left without keys');
  }
  registry.change({ keySets: kept });
}

export const deleteCommand: DomainCommand = (context, command) => {
  const parsed = parseDelete(command);
  if (parsed.kind === 'content') deleteContent(context, toHex(parsed.aid), parsed.andRelated);
  else deleteKeys(context, parsed.id, parsed.version);
  return DONE_WITHOUT_CONFIRMATION;
};
