import type { Clock } from "@/lib/ports/clock.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import { redact } from "./redact.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** One JSON object a line: `at`, `level`, `event`, then the fields, with secrets taken out. */
export function createJsonLogger(
  { level, clock, write }: {
    readonly level: LogLevel;
    readonly clock: Clock;
    readonly write: (line: string) => void;
  },
): Logger {
  const least = LEVELS.indexOf(level);
  const logAt = (severity: LogLevel) => {
    if (LEVELS.indexOf(severity) < least) return () => {};
    return (event: string, fields: Record<string, unknown> = {}) => {
      const at = new Date(clock.nowMs()).toISOString();
      const safe = redact(fields);
      const named = typeof safe === "object" ? safe : { fields: safe };
      write(JSON.stringify({ at, level: severity, event, ...named }) + "\n");
    };
  };
  return { debug: logAt("debug"), info: logAt("info"), warn: logAt("warn"), error: logAt("error") };
}

/** Writes to standard error at once: log lines must survive the crash that they explain. */
export function writeToStderr(line: string): void {
  const bytes = new TextEncoder().encode(line);
  for (let sent = 0; sent < bytes.length;) sent += Deno.stderr.writeSync(bytes.subarray(sent));
}
