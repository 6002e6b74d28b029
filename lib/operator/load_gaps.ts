import { bookGap, findGaps, type GapDeps, type RestoreGap } from "@/lib/billing/restore_gap.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { ProviderError } from "@/lib/ports/billing_provider.ts";
import type { Services } from "@/lib/services.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { type Asked, askStripe } from "./ask_stripe.ts";
import type { FlashCode } from "./flashes.ts";

type GapServices =
  & Pick<Services, "billing" | "outboxActions" | "corrections" | "plans" | "audit" | "logger">
  & { readonly portal: Pick<Services["portal"], "scheduler"> };

/** Every day that can still have got units at Stripe. */
const EVER_MS = 0;

/** What Stripe has of a tenant and the books lack, or why it can't be said. */
export async function loadGaps(
  services: GapServices,
  tenantId: string,
): Promise<Asked<readonly RestoreGap[]>> {
  return await askStripe(services.portal.scheduler, async () => {
    const found = await findGaps(gapDeps(services), { tenantId, sinceMs: EVER_MS });
    return found.ok ? found.value : [];
  });
}

/** Books one day of one meter. Errors: those of `bookGap`, `reason_missing`, `unavailable`. */
export async function bookOneGap(
  services: GapServices,
  { reason, ...wanted }: {
    readonly tenantId: string;
    readonly meter: string;
    readonly day: string;
    readonly reason: string;
    readonly act: Act;
  },
): Promise<Result<FlashCode>> {
  const why = reason.trim();
  if (why === "" || why.length > 500) {
    return refuse({ code: "reason_missing", detail: "Say why, in at most 500 characters" });
  }
  const { corrections, plans, audit } = services;
  const deps = { ...gapDeps(services), corrections: { ...corrections, plans, audit } };
  try {
    const booked = await bookGap(deps, { ...wanted, reason: why });
    if (!booked.ok) return booked;
    const waits = booked.value.some(({ state }) => state === "pending");
    return accept(waits ? "gap_waiting" : "gap_booked");
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    services.logger.warn("provider_refused", { error });
    return refuse({ code: "unavailable", detail: `Stripe says: ${error.message}` });
  }
}

function gapDeps({ billing, outboxActions }: GapServices): GapDeps {
  return { billing, outbox: outboxActions.outbox };
}
