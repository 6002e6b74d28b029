import type { DeliveryDoc, EventDoc } from "./documents.ts";
import { renderSnapshot, renderThin } from "./events.ts";
import { signPayload } from "./signature.ts";
import type { OpenTransaction } from "./state.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS, seconds } from "./time.ts";

export interface WebhookTarget {
  readonly url: string;
  /** `whsec_…` */
  readonly secret: string;
}

export interface WebhookTargets {
  readonly snapshot?: WebhookTarget | undefined;
  readonly thin?: WebhookTarget | undefined;
}

/** Waits after each failed delivery; afterwards it is given up, as Stripe does after three days. */
const RETRY_AFTER_MS = [
  5 * SECOND_MS,
  MINUTE_MS,
  10 * MINUTE_MS,
  HOUR_MS,
  12 * HOUR_MS,
  48 * HOUR_MS,
];
const MAX_AT_ONCE = 100;
const TIMEOUT_MS = 10_000;

/** How held deliveries go out: several copies each, in another order. */
export interface Shuffle {
  readonly order: "as_made" | "reversed" | "shuffled";
  readonly copies: number;
  /** Of the shuffle; the same seed gives the same order. */
  readonly seed: number;
}

export interface DeliveryDeps {
  readonly targets: () => WebhookTargets;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Runs `change` in the simulator's turn and commits it. */
  readonly exclusively: <T>(change: (tx: OpenTransaction) => T) => Promise<T>;
}

/** Sends what is due, one after the other; failures wait for their next time. Returns how many. */
export async function deliverDue(deps: DeliveryDeps, shuffle: Shuffle | null): Promise<number> {
  const due = await deps.exclusively((tx) =>
    [...tx.all("deliveries")].filter((delivery) => delivery.nextMs <= tx.nowMs)
      .slice(0, MAX_AT_ONCE)
      .map((delivery) => ({ delivery, event: tx.get("events", delivery.event), nowMs: tx.nowMs }))
  );
  for (const { delivery, event, nowMs } of arrange(due, shuffle)) {
    const arrived = event === undefined || await deliver(deps, event, nowMs);
    await deps.exclusively((tx) => settleDelivery(tx, delivery, arrived));
  }
  return due.length;
}

function settleDelivery(tx: OpenTransaction, delivery: DeliveryDoc, arrived: boolean): void {
  const waitMs = RETRY_AFTER_MS[delivery.attempts];
  if (tx.get("deliveries", delivery.id) === undefined) return;
  if (arrived || waitMs === undefined) tx.remove("deliveries", delivery.id);
  else {
    const attempts = delivery.attempts + 1;
    tx.put("deliveries", delivery.id, { ...delivery, attempts, nextMs: tx.nowMs + waitMs });
  }
}

async function deliver(deps: DeliveryDeps, event: EventDoc, nowMs: number): Promise<boolean> {
  const target = deps.targets()[event.kind];
  if (target === undefined) return true;
  const body = JSON.stringify(event.kind === "thin" ? renderThin(event) : renderSnapshot(event));
  const signature = await signPayload({
    secret: target.secret,
    timestamp: seconds(nowMs),
    body,
  });
  try {
    const response = await deps.fetch(target.url, {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8", "stripe-signature": signature },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

function arrange<T>(items: readonly T[], shuffle: Shuffle | null): readonly T[] {
  if (shuffle === null) return items;
  const copies = Array.from({ length: shuffle.copies }, () => items).flat();
  if (shuffle.order === "reversed") return copies.reverse();
  if (shuffle.order === "as_made") return copies;
  let state = shuffle.seed >>> 0;
  const next = () => {
    // Park and Miller's generator: enough to mix, and the same everywhere.
    state = (Math.imul(state, 48_271) >>> 0) || 1;
    return state;
  };
  return copies.map((item) => ({ item, key: next() })).sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
