import { DateTime } from "./DateTime.tsx";
import { phrase } from "./phrase.ts";
import { useSay, useViewer } from "./viewer.ts";

/** Nothing older than this is called live. */
export const LIVE_MAX_AGE_MS = 5_000;

/** “As of 12:04:05”; turns amber when the figures are older than `staleAfterMs`. */
export function StaleBadge(
  { asOfMs, staleAfterMs = 120_000 }: { asOfMs: number; staleAfterMs?: number },
) {
  const { nowMs } = useViewer();
  const say = useSay();
  const age = nowMs - asOfMs;
  const state = age > staleAfterMs ? "stale" : "known";
  return (
    <span class="stale" data-state={state}>
      <span>
        {phrase(say("as_of_time"), {
          time: <DateTime atMs={asOfMs} style={age > 43_200_000 ? "datetime" : "time"} />,
        })}
        {state === "stale" && `, ${say("not_current")}`}
      </span>
    </span>
  );
}
