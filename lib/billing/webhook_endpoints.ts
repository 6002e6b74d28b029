import type { Clock } from "@/lib/ports/clock.ts";
import type { BillingStore } from "@/lib/ports/billing_store.ts";
import type { WebhookKind, WebhookRefusal } from "@/lib/ports/notice_inbox.ts";

/** One of the two addresses that Stripe's webhooks come to, and how it fares. */
export interface WebhookEndpoint {
  readonly kind: WebhookKind;
  readonly url: string;
  /** Signing secrets that are configured; without one every delivery is refused. */
  readonly secrets: number;
  readonly lastReceivedAtMs: number | null;
  readonly lastRefused: WebhookRefusal | null;
}

export const WEBHOOK_PATHS: Readonly<Record<WebhookKind, string>> = {
  snapshot: "/webhooks/stripe",
  thin: "/webhooks/stripe/thin",
};

const KINDS = ["snapshot", "thin"] as const satisfies readonly WebhookKind[];
/** Anybody can send what is refused, so an instance notes one in this time and kind. */
const NOTED_EVERY_MS = 10_000;

export async function webhookEndpoints(
  { store, secrets, baseUrl }: {
    readonly store: Pick<BillingStore, "lastArrival">;
    readonly secrets: Readonly<Record<WebhookKind, number>>;
    readonly baseUrl: string;
  },
): Promise<readonly WebhookEndpoint[]> {
  return await Promise.all(KINDS.map(async (kind) => {
    const { receivedAtMs, refused } = await store.lastArrival(kind);
    return {
      kind,
      url: baseUrl + WEBHOOK_PATHS[kind],
      secrets: secrets[kind],
      lastReceivedAtMs: receivedAtMs,
      lastRefused: refused,
    };
  }));
}

/** Keeps the last refusal of each endpoint, so that a wrong secret is seen by who can mend it. */
export class WebhookRefusals {
  readonly #notedAtMs = new Map<WebhookKind, number>();

  constructor(
    private readonly deps: {
      readonly store: Pick<BillingStore, "noteRefusal">;
      readonly clock: Clock;
    },
  ) {}

  async note(
    kind: WebhookKind,
    { code, detail }: { readonly code: string; readonly detail: string },
  ): Promise<void> {
    const atMs = this.deps.clock.nowMs();
    const lastMs = this.#notedAtMs.get(kind) ?? -Infinity;
    if (atMs - lastMs < NOTED_EVERY_MS) return;
    this.#notedAtMs.set(kind, atMs);
    await this.deps.store.noteRefusal(kind, { atMs, code, detail });
  }
}
