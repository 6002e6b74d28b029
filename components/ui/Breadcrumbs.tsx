import { useSay } from "./viewer.ts";

export interface Crumb {
  readonly label: string;
  readonly href: string;
}

/** The way back; the page's own title follows it and is not repeated here. */
export function Breadcrumbs({ crumbs }: { crumbs: readonly Crumb[] }) {
  const say = useSay();
  return (
    <nav class="breadcrumbs" aria-label={say("breadcrumb")}>
      <ol>
        {crumbs.map((crumb) => (
          <li key={crumb.href}>
            <a href={crumb.href}>{crumb.label}</a>
          </li>
        ))}
      </ol>
    </nav>
  );
}
