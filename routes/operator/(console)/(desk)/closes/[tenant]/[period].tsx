import { HttpError, page } from "fresh";
import { closePath } from "@/components/operator/closes/close_path.ts";
import { ClosePage, RELEASE_PHRASE } from "@/components/operator/closes/ClosePage.tsx";
import { releasePeriod } from "@/lib/billing/release_period.ts";
import { tryClose } from "@/lib/billing/try_close.ts";
import { loadClose } from "@/lib/operator/load_closes.ts";
import { ProviderError } from "@/lib/ports/billing_provider.ts";
import { define, done, doneIf, field, isConfirmed } from "../../../../(_shared)/operator_state.ts";
import { askForProof } from "../../../../(_shared)/step_up.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { tenant: tenantId = "", period: periodId = "" } = ctx.params;
    ctx.state.title = `Period from ${periodId}`;
    const model = await loadClose(ctx.state.services, { tenantId, periodId });
    if (model === null) throw new HttpError(404);
    return page({ ...model, attempt: null });
  },
  /** A release is over exactly the reasons that were read; one that is not made comes back typed. */
  async POST(ctx) {
    const { services, visit: { act } } = ctx.state;
    const { tenant: tenantId = "", period: periodId = "" } = ctx.params;
    ctx.state.title = `Period from ${periodId}`;
    const path = closePath({ tenantId, periodId });
    if (field(ctx, "act") === "try") {
      const deps = { ...services.billing, audit: services.audit };
      const tried = await tryClose(deps, { tenantId, periodId, act });
      return doneIf(tried, { path, flash: "period_tried" });
    }
    const proof = await askForProof(ctx);
    if (proof !== null) return proof;
    const reason = field(ctx, "reason");
    const again = async (error: string) => {
      const model = await loadClose(services, { tenantId, periodId });
      if (model === null) throw new HttpError(404);
      return page({ ...model, attempt: { reason, error } }, { status: 422 });
    };
    if (!isConfirmed(ctx, RELEASE_PHRASE)) {
      return await again("Nothing was done: the confirmation did not match.");
    }
    const wanted = { tenantId, periodId, reason, seen: field(ctx, "seen"), act };
    try {
      const released = await releasePeriod(services.billing, wanted);
      if (!released.ok && released.error.code === "invalid_reason") {
        return await again(released.error.detail);
      }
      return doneIf(released, { path, flash: "period_released" });
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      services.logger.warn("provider_refused", { tenantId, periodId, error });
      return done(path, "unavailable");
    }
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <ClosePage frame={state.visit.frame} model={data} />
));
