import type { ErrorWindowDoc } from "./documents.ts";
import type { Scene } from "./endpoint.ts";
import { emitThin } from "./events.ts";

/** Stripe reports refusals per window, not one by one. */
const WINDOW_MS = 10_000;
/** Samples only: what is beyond has to be found by reconciling. */
const MAX_SAMPLES_PER_CODE = 5;
/** A fuller window is reported early, so that its document stays small. */
const MAX_ERRORS_PER_WINDOW = 200;

/** Keeps an asynchronous refusal for its window's report. */
export function noteError(
  scene: Scene,
  error: { meter: string | null; code: string; identifier: string; message: string },
): void {
  const startMs = Math.floor(scene.tx.nowMs / WINDOW_MS) * WINDOW_MS;
  const id = JSON.stringify([error.meter, startMs]);
  const window = scene.tx.get("error_windows", id) ?? { meter: error.meter, startMs, errors: [] };
  const { code, identifier, message } = error;
  const errors = [...window.errors, { code, identifier, message }];
  if (errors.length >= MAX_ERRORS_PER_WINDOW) {
    report(scene, { ...window, errors });
    scene.tx.remove("error_windows", id);
  } else scene.tx.put("error_windows", id, { ...window, errors });
}

/** Reports the windows that have ended, or all of them. */
export function reportErrors(scene: Scene, options: { all?: boolean } = {}): void {
  for (const [id, window] of scene.tx.entries("error_windows")) {
    if (!options.all && window.startMs + WINDOW_MS > scene.tx.nowMs) continue;
    report(scene, window);
    scene.tx.remove("error_windows", id);
  }
}

/** When the earliest window ends. */
export function nextReportMs(windows: Iterable<ErrorWindowDoc>): number {
  let next = Infinity;
  for (const window of windows) next = Math.min(next, window.startMs + WINDOW_MS);
  return next;
}

function report(scene: Scene, window: ErrorWindowDoc): void {
  const codes = [...new Set(window.errors.map((error) => error.code))];
  const count = window.errors.length;
  emitThin(scene, {
    type: window.meter === null
      ? "v1.billing.meter.no_meter_found"
      : "v1.billing.meter.error_report_triggered",
    relatedObject: window.meter === null ? null : {
      id: window.meter,
      type: "billing.meter",
      url: `/v1/billing/meters/${window.meter}`,
    },
    data: {
      developer_message_summary: `There is ${count} invalid event${count === 1 ? "" : "s"}`,
      reason: {
        error_count: count,
        error_types: codes.map((code) => errorType(code, window)),
      },
      validation_start: new Date(window.startMs).toISOString(),
      validation_end: new Date(window.startMs + WINDOW_MS).toISOString(),
    },
  });
}

function errorType(code: string, window: ErrorWindowDoc) {
  const errors = window.errors.filter((error) => error.code === code);
  return {
    code,
    error_count: errors.length,
    sample_errors: errors.slice(0, MAX_SAMPLES_PER_CODE).map((error) => ({
      error_message: error.message,
      request: { identifier: error.identifier },
    })),
  };
}
