/** Multilateral netting: what each party receives or pays when everything it is owed and owes is taken together. */
export interface NetPosition {
  readonly partyId: string;
  readonly receivesFen: number;
  readonly paysFen: number;
  /** Positive: the party is paid; negative: it pays. All positions sum to zero when the postings do. */
  readonly netFen: number;
}

export function netPositions(
  postings: readonly { readonly partyId: string; readonly amountFen: number }[],
): NetPosition[] {
  const parties = new Map<string, { receives: number; pays: number }>();
  for (const { partyId, amountFen } of postings) {
    let party = parties.get(partyId);
    if (party === undefined) {
      party = { receives: 0, pays: 0 };
      parties.set(partyId, party);
    }
    if (amountFen >= 0) party.receives += amountFen;
    else party.pays -= amountFen;
  }
  return [...parties]
    .map(([partyId, { receives, pays }]) => ({
      partyId,
      receivesFen: receives,
      paysFen: pays,
      netFen: receives - pays,
    }))
    .sort((a, b) => (a.partyId < b.partyId ? -1 : 1));
}
