import type { KeyMode } from "@/lib/auth/api_key.ts";
import type { ProviderMode } from "@/lib/ports/billing_provider.ts";
import type { NewApiKey } from "@/lib/tenancy/api_keys.ts";

/** The form as typed, kept when it is refused. */
export interface KeyDraft {
  readonly name: string;
  readonly scopes: readonly string[];
  /** One address or CIDR range a line. */
  readonly ips: string;
  /** Days, empty for never. */
  readonly expiry: string;
}

const DAY_MS = 86_400_000;

export function readKeyDraft(form: URLSearchParams): KeyDraft {
  return {
    name: String(form.get("name") ?? ""),
    scopes: form.getAll("scopes"),
    ips: String(form.get("ips") ?? ""),
    expiry: String(form.get("expiry") ?? ""),
  };
}

export function newKeyOf(
  { name, scopes, ips, expiry }: KeyDraft,
  { tenantId, mode, nowMs }: {
    readonly tenantId: string;
    readonly mode: KeyMode;
    readonly nowMs: number;
  },
): NewApiKey {
  return {
    tenantId,
    name,
    mode,
    scopes,
    ipAllowList: ips.split(/[\r\n,]+/),
    expiresAtMs: expiry === "" ? null : nowMs + Number(expiry) * DAY_MS,
  };
}

/** Only keys of the installation's own mode are let in, so no others are made. */
export function keyModeOf(mode: ProviderMode): KeyMode {
  return mode === "live" ? "live" : "test";
}

/** Codes of refusals that point at no field, and the field of the form that they are about. */
export const KEY_FIELDS: Readonly<Record<string, string>> = {
  invalid_scope: "scopes",
  invalid_address_range: "ips",
  invalid_expiry: "expiry",
};
