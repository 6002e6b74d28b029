import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { AlertSettings, WatchStore } from "@/lib/ports/watch_store.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";

/**
 * Who hears of thresholds, with its audit row in one commit. `versionstamp` is that of the settings
 * that the edit was made from, `null` for the first ones. Error: `conflict`.
 */
export async function changeAlerts(
  { settings, versionstamp }: {
    readonly settings: AlertSettings;
    readonly versionstamp: string | null;
  },
  { deps, act }: {
    deps: { readonly store: WatchStore; readonly clock: Clock };
    act: Act;
  },
): Promise<Result<AlertSettings>> {
  const { tenantId } = settings;
  const before = await deps.store.alertSettings(tenantId);
  const audit = auditDraft(act, {
    chain: tenantId,
    atMs: deps.clock.nowMs(),
    action: "tenant.alerts_changed",
    subject: tenantId,
    before: before?.value,
    after: settings,
  });
  const stale = (before?.versionstamp ?? null) !== versionstamp;
  const written = stale ? null : await deps.store.putAlertSettings(settings, versionstamp, audit);
  if (written?.ok === true) return accept(settings);
  const detail = "Somebody else changed the alerts meanwhile; load them again";
  return refuse({ code: "conflict", detail });
}
