import { Badge } from "../ui/Badge.tsx";
import { formatTime, formatUnits } from "../ui/format.ts";

/** One answered call. Units as decimal text. */
export interface LiveCall {
  readonly requestId: string;
  readonly atMs: number;
  readonly route: string;
  readonly status: number;
  readonly units: string;
}

/** The latest calls, newest first; an island shows them too, so it takes its viewer as props. */
export function LiveCalls(
  { calls, label, locale, timeZone }: {
    calls: readonly LiveCall[];
    label: string;
    locale: string;
    timeZone: string;
  },
) {
  return (
    <ol class="live-calls" aria-label={label}>
      {calls.map((call) => (
        <li key={call.requestId}>
          <span class="num muted">
            {formatTime(call.atMs, { style: "time", locale, timeZone })}
          </span>
          <bdi class="mono">{call.route}</bdi>
          <Badge tone={call.status < 400 ? "good" : call.status < 500 ? "warn" : "bad"}>
            {call.status}
          </Badge>
          <span class="num">{formatUnits(BigInt(call.units), locale)}</span>
        </li>
      ))}
    </ol>
  );
}
