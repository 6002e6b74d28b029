// An island because it follows a stream; without it the card shows the figures of its own moment.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { durationWords } from "../components/operator/duration_words.ts";
import { followWhileSeen } from "../components/ui/follow_while_seen.ts";
import { formatTime, formatUnits } from "../components/ui/format.ts";

/** The metering pipeline at one moment. Units as decimal text. */
export interface LiveSample {
  readonly asOfMs: number;
  readonly acknowledgedUnits: string;
  readonly unfoldedSegments: number;
  readonly openMinutes: number;
  readonly toSend: number;
  readonly held: number;
  readonly doubtful: number;
  readonly oldestUnsentAgeMs: number | null;
  readonly lastFlushAtMs: number | null;
}

/** What `/operator/live` sends, about every two seconds. */
export interface PipelineMessage {
  readonly sentAtMs: number;
  /** What this reader has not seen yet, oldest first. */
  readonly samples: readonly LiveSample[];
}

export interface LivePipelineProps {
  readonly href: string;
  /** As the page was made. */
  readonly first: LiveSample;
  readonly locale: string;
  readonly timeZone: string;
}

/** Nothing older is called live. */
const LIVE_MAX_AGE_MS = 5_000;
const CHECK_EVERY_MS = 1_000;
const SAMPLES_SHOWN = 150;
/** Longer gaps between two samples hold no rate: nobody watched. */
const GAP_MAX_MS = 15_000;
const WIDTH = 300;
const HEIGHT = 40;

export function LivePipeline({ href, first, locale, timeZone }: LivePipelineProps) {
  const samples = useSignal<readonly LiveSample[]>([first]);
  /** How old the newest sample was when it came, and when that was by this browser's clock. */
  const heard = useSignal<{ readonly ageMs: number; readonly atMs: number } | null>(null);
  const nowMs = useSignal(0);

  useEffect(() => {
    const stop = followWhileSeen(href, (data) => {
      const message = parseMessage(data);
      const newest = message?.samples.at(-1);
      if (message === null || newest === undefined) return;
      samples.value = merged(samples.value, message.samples);
      nowMs.value = Date.now();
      heard.value = { ageMs: message.sentAtMs - newest.asOfMs, atMs: nowMs.value };
    });
    const timer = setInterval(() => nowMs.value = Date.now(), CHECK_EVERY_MS);
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [href]);

  const shown = samples.value.at(-1) ?? first;
  const age = heard.value === null ? null : heard.value.ageMs + nowMs.value - heard.value.atMs;
  const live = age !== null && age <= LIVE_MAX_AGE_MS;
  const time = formatTime(shown.asOfMs, { style: "time", locale, timeZone });
  const rates = ratesOf(samples.value);
  const rate = rates.at(-1);
  return (
    <div class="live-pipeline" data-live={live ? "true" : "false"}>
      <div class="live-chart">
        <div class="row-between">
          <span>
            <strong class="num">{rate === undefined ? "–" : rateText(rate, locale)}</strong>{" "}
            <span class="muted">units a second</span>
          </span>
          <span class="stale" data-state={live ? "live" : age === null ? "known" : "stale"}>
            {live
              ? `Live, ${time}`
              : age === null
              ? `As of ${time}`
              : `As of ${time}, reconnecting`}
          </span>
        </div>
        <RateBars rates={rates} />
      </div>
      <dl class="live-facts">
        <Fact term="Flush lag" value={sinceWords(shown.lastFlushAtMs, shown.asOfMs)} />
        <Fact term="Oldest unsent" value={ageWords(shown.oldestUnsentAgeMs)} />
        <Fact term="Unfolded segments" value={formatUnits(shown.unfoldedSegments, locale)} />
        <Fact term="Open minutes" value={formatUnits(shown.openMinutes, locale)} />
        <Fact term="Entries to send" value={formatUnits(shown.toSend, locale)} />
        <Fact term="Wait for a person" value={formatUnits(shown.held + shown.doubtful, locale)} />
      </dl>
    </div>
  );
}

function Fact({ term, value }: { term: string; value: string }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd class="num">{value}</dd>
    </div>
  );
}

function RateBars({ rates }: { rates: readonly number[] }) {
  const highest = Math.max(1, ...rates);
  const step = WIDTH / SAMPLES_SHOWN;
  return (
    <svg
      class="live-bars"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <line class="axis" x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      {rates.map((rate, at) => {
        const size = rate === 0 ? 0.6 : Math.max(1.5, HEIGHT * rate / highest);
        return (
          <rect
            key={at}
            class={rate === 0 ? "s-rest" : "s0"}
            x={WIDTH - (rates.length - at) * step}
            width={step * 0.75}
            y={HEIGHT - size}
            height={size}
          />
        );
      })}
    </svg>
  );
}

/** Another instance may begin anew with samples of a time that is known already. */
function merged(
  known: readonly LiveSample[],
  newer: readonly LiveSample[],
): readonly LiveSample[] {
  const fromMs = newer[0]?.asOfMs ?? 0;
  return [...known.filter(({ asOfMs }) => asOfMs < fromMs), ...newer].slice(-SAMPLES_SHOWN);
}

/** Units a second between each two samples. */
function ratesOf(samples: readonly LiveSample[]): readonly number[] {
  const rates: number[] = [];
  samples.forEach((sample, at) => {
    const before = samples[at - 1];
    if (before === undefined) return;
    const tookMs = sample.asOfMs - before.asOfMs;
    const units = Number(BigInt(sample.acknowledgedUnits) - BigInt(before.acknowledgedUnits));
    if (tookMs > 0) rates.push(tookMs > GAP_MAX_MS ? 0 : Math.max(0, units * 1_000 / tookMs));
  });
  return rates;
}

function rateText(rate: number, locale: string): string {
  return formatUnits(rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate), locale);
}

function sinceWords(atMs: number | null, asOfMs: number): string {
  return atMs === null ? "no flush yet" : durationWords(asOfMs - atMs);
}

function ageWords(ageMs: number | null): string {
  return ageMs === null ? "none" : durationWords(ageMs);
}

function parseMessage(data: string): PipelineMessage | null {
  const value: unknown = JSON.parse(data);
  return isMessage(value) ? value : null;
}

function isMessage(value: unknown): value is PipelineMessage {
  return typeof value === "object" && value !== null && "sentAtMs" in value &&
    "samples" in value && Array.isArray(value.samples);
}
