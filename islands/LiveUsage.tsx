// An island because it follows a stream; without it the page shows the figures of its own moment.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type LiveCall, LiveCalls } from "../components/portal/LiveCalls.tsx";
import { followWhileSeen } from "../components/ui/follow_while_seen.ts";
import { formatTime, formatUnits } from "../components/ui/format.ts";

/** What `/portal/live` sends, about every two seconds. Units as decimal text. */
export interface LiveMessage {
  readonly asOfMs: number;
  readonly sentAtMs: number;
  readonly windowMs: number;
  /** Units of the last usage windows, oldest first. */
  readonly windows: readonly string[];
  /** Newest first. */
  readonly calls: readonly LiveCall[];
}

export interface LiveUsageProps {
  readonly href: string;
  readonly locale: string;
  readonly timeZone: string;
  readonly words: LiveWords;
  /** As the page was made. */
  readonly calls: readonly LiveCall[];
}

/** Texts in the viewer's language; `{time}` and `{minutes}` are filled in. */
export interface LiveWords {
  readonly caption: string;
  readonly live: string;
  readonly lost: string;
  readonly calls: string;
}

interface Heard {
  readonly message: LiveMessage;
  /** This browser's clock minus the server's, at the least delay that was seen. */
  readonly aheadMs: number;
}

/** Nothing older is called live. */
const LIVE_MAX_AGE_MS = 5_000;
const CHECK_EVERY_MS = 1_000;
const WIDTH = 300;
const HEIGHT = 40;

export function LiveUsage({ href, locale, timeZone, words, calls }: LiveUsageProps) {
  const heard = useSignal<Heard | null>(null);
  const nowMs = useSignal(0);

  useEffect(() => {
    const stop = followWhileSeen(href, (data) => {
      const message = parseMessage(data);
      if (message === null) return;
      nowMs.value = Date.now();
      heard.value = heardNext(heard.value, message, nowMs.value);
    });
    const timer = setInterval(() => nowMs.value = Date.now(), CHECK_EVERY_MS);
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [href]);

  return (
    <>
      {heard.value !== null && (
        <LiveFigure {...heard.value} nowMs={nowMs.value} {...{ locale, timeZone, words }} />
      )}
      <LiveCalls
        calls={heard.value?.message.calls ?? calls}
        label={words.calls}
        locale={locale}
        timeZone={timeZone}
      />
    </>
  );
}

function LiveFigure(
  { message, aheadMs, nowMs, locale, timeZone, words }: Heard & {
    nowMs: number;
    words: LiveWords;
    locale: string;
    timeZone: string;
  },
) {
  const { windows, windowMs, asOfMs } = message;
  const live = nowMs - aheadMs - asOfMs <= LIVE_MAX_AGE_MS;
  const total = windows.reduce((sum, units) => sum + BigInt(units), 0n);
  const minutes = Math.round(windows.length * windowMs / 60_000);
  const time = formatTime(asOfMs, { style: "time", locale, timeZone });
  return (
    <div class="live-chart" data-live={live ? "true" : "false"}>
      <div class="row-between">
        <span>
          <strong class="num">{formatUnits(total, locale)}</strong>{" "}
          <span class="muted">{words.caption.replace("{minutes}", String(minutes))}</span>
        </span>
        <span class="stale" data-state={live ? "live" : "stale"}>
          {(live ? words.live : words.lost).replace("{time}", time)}
        </span>
      </div>
      <LiveBars windows={windows.map(Number)} />
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

/** What came late, out of a buffer, is older than its arrival; what is older than the shown goes. */
function heardNext(before: Heard | null, message: LiveMessage, nowMs: number): Heard {
  const aheadMs = Math.min(before?.aheadMs ?? Infinity, nowMs - message.sentAtMs);
  const isOlder = before !== null && message.asOfMs < before.message.asOfMs;
  return { message: isOlder ? before.message : message, aheadMs };
}

function parseMessage(data: string): LiveMessage | null {
  const value: unknown = JSON.parse(data);
  return isMessage(value) ? value : null;
}

function isMessage(value: unknown): value is LiveMessage {
  return typeof value === "object" && value !== null && "asOfMs" in value &&
    "sentAtMs" in value && "windowMs" in value && "windows" in value && "calls" in value &&
    Array.isArray(value.windows) && Array.isArray(value.calls);
}
