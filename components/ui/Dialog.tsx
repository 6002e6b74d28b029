import type { ComponentChildren } from "preact";
import { Icon } from "./Icon.tsx";
import { useSay } from "./viewer.ts";

/**
 * Opened by a button with `popovertarget`, so it needs no script: the browser moves the focus, closes
 * it on Escape and gives the focus back.
 */
export function Dialog(
  { id, title, children }: { id: string; title: string; children: ComponentChildren },
) {
  const say = useSay();
  return (
    <div class="dialog" id={id} popover="auto" role="dialog" aria-labelledby={`${id}-title`}>
      <div class="row-between">
        <h2 id={`${id}-title`}>
          <bdi>{title}</bdi>
        </h2>
        <button
          class="btn btn-sm btn-quiet"
          type="button"
          popovertarget={id}
          popovertargetaction="hide"
        >
          <Icon name="close" size={16} />
          <span class="sr-only">{say("close")}</span>
        </button>
      </div>
      {children}
    </div>
  );
}
