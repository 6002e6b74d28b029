import {
  type Alert,
  ALERTS_KEPT_MS,
  type AlertSettings,
  type AlertState,
  type UsageAnomaly,
  type WatchStore,
} from "@/lib/ports/watch_store.ts";
import {
  alertByTimeKey,
  alertKey,
  alertQueueKey,
  alertQueuePrefix,
  alertsByTimePrefix,
  alertSettingsKey,
  alertsPrefix,
  alertStateKey,
  anomaliesByHourPrefix,
  anomaliesPrefix,
  anomalyByHourKey,
  anomalyKey,
} from "../keys.ts";
import { guardedCommit } from "../guarded_commit.ts";
import type { KvLike } from "../kv_like.ts";
import { commitMarked } from "../marked_commit.ts";
import { versioned } from "../versioned.ts";
import { mustCommit } from "./commit.ts";
import { newestFirst } from "./newest_first.ts";

const RETENTION_MS = 400 * 86_400_000;

export function createWatchStore(kv: KvLike): WatchStore {
  return {
    async putAnomaly(anomaly) {
      const { tenantId, hourStartMs, meter } = anomaly;
      const key = anomalyKey(tenantId, hourStartMs, meter);
      const expiry = { expireIn: RETENTION_MS };
      const atomic = kv.atomic()
        .check({ key, versionstamp: null })
        .set(key, anomaly, expiry)
        .set(anomalyByHourKey(hourStartMs, tenantId, meter), anomaly, expiry);
      return (await commitMarked(kv, atomic)).ok;
    },
    async anomalies({ tenantId, limit }) {
      const found: UsageAnomaly[] = [];
      const prefix = tenantId === undefined ? anomaliesByHourPrefix() : anomaliesPrefix(tenantId);
      const options = { reverse: true, limit };
      for await (const { value } of kv.list<UsageAnomaly>({ prefix }, options)) found.push(value);
      return found;
    },
    alertSettings: async (tenantId) =>
      versioned(await kv.get<AlertSettings>(alertSettingsKey(tenantId))),
    putAlertSettings: async (settings, versionstamp, audit) => {
      const key = alertSettingsKey(settings.tenantId);
      const { ok } = await guardedCommit(kv, {
        checks: [{ key, versionstamp }],
        write: (atomic) => atomic.set(key, settings),
        audit,
      });
      return ok ? { ok: true } : { ok: false, code: "conflict" };
    },
    async alertState(key) {
      const entry = await kv.get<AlertState>(stateKey(key));
      if (entry.value === null) return null;
      return { value: entry.value, versionstamp: entry.versionstamp };
    },
    async putAlertState(state, versionstamp, alert) {
      const key = stateKey(state);
      const expiry = { expireIn: ALERTS_KEPT_MS };
      const atomic = kv.atomic().check({ key, versionstamp }).set(key, state, expiry);
      if (alert !== null) {
        const { tenantId, alertId, createdAtMs } = alert;
        const rowKey = alertKey(tenantId, alertId);
        atomic.set(rowKey, alert, expiry)
          .set(alertByTimeKey(createdAtMs, tenantId, alertId), rowKey, expiry)
          .set(alertQueueKey(tenantId, alertId), tenantId);
      }
      const { ok } = await commitMarked(kv, atomic);
      return ok ? { ok: true } : { ok: false, code: "conflict" };
    },
    async alerts(tenantId, limit) {
      const found: Alert[] = [];
      const selector = { prefix: alertsPrefix(tenantId) };
      for await (const { value } of kv.list<Alert>(selector, { reverse: true, limit })) {
        found.push(value);
      }
      return found;
    },
    alert: async (tenantId, alertId) => (await kv.get<Alert>(alertKey(tenantId, alertId))).value,
    recentAlerts: ({ state, ...query }) =>
      newestFirst<Alert>(kv, {
        ...query,
        prefix: alertsByTimePrefix(),
        isWanted: ({ delivery }) => state === undefined || delivery.state === state,
      }),
    async waitingAlerts(limit) {
      const found: Alert[] = [];
      for await (const { key } of kv.list<string>({ prefix: alertQueuePrefix() }, { limit })) {
        const [, tenantId, alertId] = key;
        if (typeof tenantId !== "string" || typeof alertId !== "string") continue;
        const { value } = await kv.get<Alert>(alertKey(tenantId, alertId));
        if (value !== null) found.push(value);
      }
      return found;
    },
    async settleAlert(alert) {
      const { tenantId, alertId, delivery } = alert;
      const queueKey = alertQueueKey(tenantId, alertId);
      const atomic = kv.atomic().set(alertKey(tenantId, alertId), alert, {
        expireIn: ALERTS_KEPT_MS,
      });
      if (delivery.state === "waiting") atomic.set(queueKey, tenantId);
      else atomic.delete(queueKey);
      await mustCommit(atomic, "settle an alert");
    },
  };
}

function stateKey(
  { tenantId, periodId, subject }: Pick<AlertState, "tenantId" | "periodId" | "subject">,
): Deno.KvKey {
  const parts = subject.kind === "budget" ? ["budget"] : ["quota", subject.meter];
  return alertStateKey(tenantId, periodId, parts);
}
