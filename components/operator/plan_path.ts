/** A page of one plan; `more` is what follows its address. */
export function planPath(planId: string, more = ""): string {
  return `/operator/plans/${encodeURIComponent(planId)}${more}`;
}
