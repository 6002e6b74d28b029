/** The four-eyes rule: a decision that waits for a second person is not its author's to make. */
export function isSecondPerson(
  { author, approver }: { readonly author: string; readonly approver: string },
): boolean {
  return approver.trim() !== "" && approver !== author;
}
