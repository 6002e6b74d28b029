/** Commits what carries no check and therefore can't be refused; throws if it is all the same. */
export async function mustCommit(
  atomic: { commit(): Promise<{ readonly ok: boolean }> },
  action: string,
): Promise<void> {
  const { ok } = await atomic.commit();
  if (!ok) throw new Error(`Cannot ${action}: the commit was refused`);
}
