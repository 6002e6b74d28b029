import { page } from "fresh";
import { ReconcilePage } from "@/components/operator/reconcile/ReconcilePage.tsx";
import { LiveProgress } from "@/islands/LiveProgress.tsx";
import { startReconcile } from "@/lib/billing/reconcile_run.ts";
import { loadReconcile, RECONCILE_PATH } from "@/lib/operator/load_reconcile.ts";
import { seeOther } from "@/lib/http/redirect.ts";
import { define, done, field } from "../../../(_shared)/operator_state.ts";

/** Without a script, the page of a run is read again so often. */
const REFRESH_SECONDS = 3;

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Reconciliation";
    const model = await loadReconcile(ctx.state.services, ctx.url.searchParams);
    if (model.phase === "running") ctx.state.refreshSeconds = REFRESH_SECONDS;
    return page({ ...model, tenantId: "", error: null });
  },
  /** Answers at once: over many tenants a comparison takes minutes. */
  async POST(ctx) {
    ctx.state.title = "Reconciliation";
    const { services, visit: { act } } = ctx.state;
    const tenantId = field(ctx, "tenant");
    const wanted = { tenantId: tenantId || null, act };
    const started = await startReconcile(services.billing, wanted);
    if (!started.ok) {
      const model = await loadReconcile(services, ctx.url.searchParams);
      return page({ ...model, tenantId, error: started.error.detail }, { status: 422 });
    }
    return started.value.ended === null
      ? done(RECONCILE_PATH, "reconcile_under_way")
      : seeOther(RECONCILE_PATH);
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <ReconcilePage
    frame={state.visit.frame}
    model={data}
    progress={data.run !== null && data.phase === "running" && (
      <LiveProgress
        href={`${RECONCILE_PATH}/progress`}
        label="Tenants compared"
        first={{ running: true, checked: data.run.checked, total: data.run.total }}
      />
    )}
  />
));
