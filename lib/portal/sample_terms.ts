import type { SnippetTerms } from "@/components/portal/snippets.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Clock } from "@/lib/ports/clock.ts";

/** Apple's ISIN: the sandbox has a price history for it. */
const SAMPLE_ISIN = "US0378331005";

const SELF_CONTAINED = "compliance";

/**
 * What pages that show a call need. The body asks nothing of what is stored for a tenant; it names
 * one part, or all that a plan has where `plan` lacks that one.
 */
export function sampleTerms(
  { baseUrl, clock }: { readonly baseUrl: string; readonly clock: Pick<Clock, "nowMs"> },
  plan?: PlanVersion,
): Omit<SnippetTerms, "secret"> & { readonly isin: string } {
  const now = new Date(clock.nowMs()).toISOString();
  const body = {
    instrument: { isin: SAMPLE_ISIN, cfi_code: "ESVUFR", currency: "USD", mic: "XNAS" },
    quote: { last: "231.12", timestamp: now },
    as_of: now,
    ...plan === undefined || plan.meters.some(({ meter }) => meter === SELF_CONTAINED)
      ? { include: [SELF_CONTAINED] }
      : {},
  };
  return { baseUrl, isin: SAMPLE_ISIN, body };
}
