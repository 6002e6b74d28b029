// An island because it follows a stream; without it the page shows the figures of its own moment.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { formatTime, formatUnits } from "../components/ui/format.ts";

/** What `/portal/live` sends, about every two seconds. Units as decimal text. */
export interface LiveMessage {
  readonly asOfMs: number;
  readonly windowMs: number;
  /** Units of the last usage windows, oldest first. */
  readonly windows: readonly string[];
}

export interface LiveUsageProps {
  readonly href: string;
  readonly locale: string;
  readonly timeZone: string;
}

/** Nothing older is called live. */
const LIVE_MAX_AGE_MS = 5_000;
const CHECK_EVERY_MS = 1_000;
const WIDTH = 300;
const HEIGHT = 40;

export function LiveUsage({ href, locale, timeZone }: LiveUsageProps) {
  const message = useSignal<LiveMessage | null>(null);
  const heardAtMs = useSignal(0);
  const nowMs = useSignal(0);

  useEffect(() => {
    const stream = new EventSource(href);
    stream.onmessage = (event) => {
      const parsed = parseMessage(event.data);
      if (parsed === null) return;
      message.value = parsed;
      heardAtMs.value = nowMs.value = Date.now();
    };
    const timer = setInterval(() => nowMs.value = Date.now(), CHECK_EVERY_MS);
    return () => {
      clearInterval(timer);
      stream.close();
    };
  }, [href]);

  const shown = message.value;
  if (shown === null) return null;
  const live = nowMs.value - heardAtMs.value <= LIVE_MAX_AGE_MS;
  const total = shown.windows.reduce((sum, units) => sum + BigInt(units), 0n);
  const minutes = Math.round(shown.windows.length * shown.windowMs / 60_000);
  const time = formatTime(shown.asOfMs, { style: "time", locale, timeZone });
  return (
    <div class="live-chart" data-live={live ? "true" : "false"}>
      <div class="row-between">
        <span>
          <strong class="num">{formatUnits(total, locale)}</strong>
          <span class="muted">{` units in the last ${minutes} minutes`}</span>
        </span>
        <span class="stale" data-state={live ? "live" : "stale"}>
          {live ? `Live, ${time}` : `As of ${time}, reconnecting`}
        </span>
      </div>
      <LiveBars windows={shown.windows.map(Number)} />
    </div>
  );
}

function LiveBars({ windows }: { windows: readonly number[] }) {
  const highest = Math.max(1, ...windows);
  const step = WIDTH / windows.length;
  return (
    <svg
      class="live-bars"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {windows.map((units, at) => {
        const size = units === 0 ? 0.6 : Math.max(1.5, HEIGHT * units / highest);
        return (
          <rect
            key={at}
            class={units === 0 ? "s-rest" : "s0"}
            x={at * step}
            width={step * 0.75}
            y={HEIGHT - size}
            height={size}
          />
        );
      })}
    </svg>
  );
}

function parseMessage(data: unknown): LiveMessage | null {
  if (typeof data !== "string") return null;
  const value: unknown = JSON.parse(data);
  return isMessage(value) ? value : null;
}

function isMessage(value: unknown): value is LiveMessage {
  return typeof value === "object" && value !== null && "asOfMs" in value && "windows" in value &&
    "windowMs" in value && Array.isArray(value.windows);
}
