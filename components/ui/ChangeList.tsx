/** One member of a state that changed; `null` where that side had none. */
export interface AuditChange {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What changed, member by member, the old struck out before the new. */
export function ChangeList({ changes }: { changes: readonly AuditChange[] }) {
  if (changes.length === 0) return null;
  return (
    <ul class="changes">
      {changes.map(({ name, before, after }) => (
        <li key={name}>
          {name !== "" && <code class="muted">{name}:</code>}
          {before !== null && <del class="break">{before}</del>}
          {before !== null && after !== null && <span aria-hidden="true">→</span>}
          {after !== null && <ins class="break">{after}</ins>}
        </li>
      ))}
    </ul>
  );
}
