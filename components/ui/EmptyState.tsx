import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon.tsx";

/** Says why there is nothing and what makes something appear. */
export function EmptyState(
  { title, icon = "info", children }: {
    title: string;
    icon?: IconName;
    children?: ComponentChildren;
  },
) {
  return (
    <div class="empty">
      <Icon name={icon} size={26} />
      <p class="strong">{title}</p>
      {children}
    </div>
  );
}
