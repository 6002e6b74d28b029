import { formatRelative, formatTime, type TimeStyle } from "./format.ts";
import { useViewer } from "./viewer.ts";

/** In the viewer's zone and language; the title holds the exact instant in UTC. */
export function DateTime(
  { atMs, style = "datetime" }: { atMs: number; style?: TimeStyle | "relative" },
) {
  const { locale, timeZone, nowMs } = useViewer();
  const iso = new Date(atMs).toISOString();
  const text = style === "relative"
    ? formatRelative(atMs, nowMs, locale)
    : formatTime(atMs, { style, locale, timeZone });
  return <time class="num" dateTime={iso} title={iso}>{text}</time>;
}
