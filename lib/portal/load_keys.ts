import type { KeyModel, KeysModel, KeyState } from "@/components/portal/KeysPage.tsx";
import { SCOPES } from "@/lib/auth/scopes.ts";
import type { ApiKey, TenantId } from "@/lib/domain/tenant.ts";
import type { PortalDeps } from "./deps.ts";

const DAY_MS = 86_400_000;
const DAYS = 30;
/** Keys whose curve is read; a tenant with more sees the newest ones. */
const KEYS_MAX = 50;

export async function loadKeys(
  deps: Pick<PortalDeps, "clock" | "tenants" | "usage" | "traffic">,
  { tenantId, draft }: { readonly tenantId: TenantId; readonly draft: KeysModel["draft"] },
): Promise<KeysModel> {
  const nowMs = deps.clock.nowMs();
  const [all, lastUses, daily] = await Promise.all([
    deps.tenants.apiKeys(tenantId),
    deps.traffic.lastUses(tenantId),
    dailyUnits(deps, tenantId, nowMs),
  ]);
  const keys = [...all].sort((a, b) => b.createdAtMs - a.createdAtMs).slice(0, KEYS_MAX);
  const models = keys.map((key) =>
    keyModel(key, {
      nowMs,
      daily: daily.get(key.keyId) ?? noDays(),
      lastUsedAtMs: lastUses.get(key.keyId) ?? null,
    })
  );
  return { keys: models, scopes: Object.keys(SCOPES), draft };
}

/** Of all keys in one read, by key id. */
async function dailyUnits(
  deps: Pick<PortalDeps, "usage">,
  tenantId: TenantId,
  nowMs: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const endMs = Math.ceil(nowMs / DAY_MS) * DAY_MS;
  const fromMs = endMs - DAYS * DAY_MS;
  const byKey = new Map<string, number[]>();
  const query = { tenantId, fromMs, toMs: endMs, granularity: "day", byKey: true } as const;
  for (const { startMs, units, keyId = "" } of await deps.usage.series(query)) {
    const daily = byKey.get(keyId) ?? noDays();
    const at = (startMs - fromMs) / DAY_MS;
    daily[at] = (daily[at] ?? 0) + Number(units);
    byKey.set(keyId, daily);
  }
  return byKey;
}

function noDays(): number[] {
  return Array.from({ length: DAYS }, () => 0);
}

function keyModel(
  key: ApiKey,
  { nowMs, daily, lastUsedAtMs }: {
    readonly nowMs: number;
    readonly daily: readonly number[];
    readonly lastUsedAtMs: number | null;
  },
): KeyModel {
  const { keyId, name, hint, mode, scopes, ipAllowList, createdAtMs } = key;
  return {
    keyId,
    name,
    hint,
    mode,
    scopes,
    ipAllowList,
    createdAtMs,
    endsAtMs: keyEndsAtMs(key),
    state: keyState(key, nowMs),
    lastUsedAtMs,
    daily,
  };
}

/** A key that ends within a week, by its expiry or after a rotation, is worth a word before. */
export function keyState(key: KeyTimes, nowMs: number): KeyState {
  if (nowMs >= (key.revokedAtMs ?? Infinity)) return "revoked";
  const endsAtMs = keyEndsAtMs(key) ?? Infinity;
  if (nowMs >= endsAtMs) return "expired";
  return endsAtMs - nowMs < 7 * DAY_MS ? "expiring" : "active";
}

type KeyTimes = Pick<ApiKey, "revokedAtMs" | "expiresAtMs">;

/** When a key stops working: a rotated one is revoked at an instant to come. */
function keyEndsAtMs({ revokedAtMs, expiresAtMs }: KeyTimes): number | null {
  const endsAtMs = Math.min(revokedAtMs ?? Infinity, expiresAtMs ?? Infinity);
  return endsAtMs === Infinity ? null : endsAtMs;
}
