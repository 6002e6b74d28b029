import { type Scheduler, sleep } from "@/lib/ports/scheduler.ts";

/** What Stripe said, or why a page has to do without. */
export type Asked<T> =
  | { readonly kind: "answer"; readonly value: T }
  | { readonly kind: "unavailable"; readonly detail: string };

/** A page that waits longer than this helps nobody. */
const PATIENCE_MS = 4_000;

/** Never throws, and never takes longer than a reader's patience. */
export async function askStripe<T>(
  scheduler: Scheduler,
  ask: () => Promise<T>,
): Promise<Asked<T>> {
  const asked = ask().then(
    (value) => ({ kind: "answer", value } as const),
    (error) => unavailable(error instanceof Error ? error.message : String(error)),
  );
  const late = sleep(scheduler, PATIENCE_MS).then(() =>
    unavailable(`No answer within ${PATIENCE_MS / 1_000} seconds`)
  );
  return await Promise.race([asked, late]);
}

function unavailable(detail: string) {
  return { kind: "unavailable", detail } as const;
}
