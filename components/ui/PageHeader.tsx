import type { ComponentChildren } from "preact";
import { Breadcrumbs, type Crumb } from "./Breadcrumbs.tsx";

export interface PageHeaderProps {
  readonly title: string;
  readonly lede?: ComponentChildren;
  readonly crumbs?: readonly Crumb[];
  readonly actions?: ComponentChildren;
}

export function PageHeader({ title, lede, crumbs, actions }: PageHeaderProps) {
  return (
    <header class="page-header">
      {crumbs !== undefined && <Breadcrumbs crumbs={crumbs} />}
      <div class="row-between">
        <h1>
          <bdi>{title}</bdi>
        </h1>
        {actions !== undefined && <div class="page-actions">{actions}</div>}
      </div>
      {lede !== undefined && <p>{lede}</p>}
    </header>
  );
}
