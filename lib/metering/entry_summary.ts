import type { OutboxEntry } from "@/lib/domain/outbox.ts";
import type { Units } from "@/lib/domain/plan.ts";
import { MINUTE_MS } from "@/lib/domain/window.ts";
import type { BillingProvider } from "@/lib/ports/billing_provider.ts";

/**
 * The provider's own summary for the customer and meter of an entry: of the minute that the entry
 * alone owns, or of another range. Throws what the provider throws.
 */
export async function entrySummary(
  provider: Pick<BillingProvider, "summaries">,
  { eventName, stripeCustomerId, timestampMs }: OutboxEntry,
  range = { startMs: timestampMs, endMs: timestampMs + MINUTE_MS },
): Promise<Units> {
  const summaries = await provider.summaries({ eventName, stripeCustomerId, ...range });
  return summaries.reduce((sum, { units }) => sum + units, 0n);
}
