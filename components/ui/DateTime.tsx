import { formatRelative, formatTime, type TimeStyle } from "./format.ts";
import { useViewer } from "./viewer.ts";

/**
 * In the viewer's language and zone; the title holds the exact instant. `utc` is for billing periods,
 * whose days begin in UTC wherever one looks from.
 */
export function DateTime(
  { atMs, style = "datetime", utc = false }: {
    atMs: number;
    style?: TimeStyle | "relative";
    utc?: boolean;
  },
) {
  const { locale, timeZone, nowMs } = useViewer();
  const iso = new Date(atMs).toISOString();
  const text = style === "relative"
    ? formatRelative(atMs, nowMs, locale)
    : formatTime(atMs, { style, locale, timeZone: utc ? "UTC" : timeZone });
  return <time class="num" dateTime={iso} title={iso}>{text}</time>;
}
