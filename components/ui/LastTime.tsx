import { DateTime } from "./DateTime.tsx";
import { useSay } from "./viewer.ts";

/** When something was last used or seen, as long ago as that is; “never” for what never was. */
export function LastTime({ atMs }: { atMs: number | null }) {
  const say = useSay();
  return atMs === null
    ? <span class="muted">{say("never")}</span>
    : <DateTime atMs={atMs} style="relative" />;
}
