import type { ComponentChildren } from "preact";
import type { Tone } from "./Badge.tsx";
import { Icon, type IconName } from "./Icon.tsx";

export function noticeIcon(tone: Tone): IconName {
  if (tone === "good") return "check";
  return tone === "warn" || tone === "bad" ? "warn" : "info";
}

/** Something to know before going on. */
export function Notice(
  { tone = "info", title, children }: { tone?: Tone; title?: string; children?: ComponentChildren },
) {
  return (
    <div class={`notice notice-${tone}`}>
      <Icon name={noticeIcon(tone)} />
      <div class="notice-body">
        {title !== undefined && <strong>{title}</strong>}
        {children !== undefined && <div>{children}</div>}
      </div>
    </div>
  );
}
