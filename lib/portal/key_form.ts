import { parseAllowList } from "@/lib/auth/ip_allow.ts";
import { parseScopes } from "@/lib/auth/scopes.ts";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";

export interface KeyDraft {
  readonly name: string;
  readonly mode: "live" | "test";
  readonly scopes: readonly string[];
  /** One address or CIDR range a line. */
  readonly ips: string;
  /** Days, empty for never. */
  readonly expiry: string;
}

export interface KeySpec {
  readonly name: string;
  readonly mode: "live" | "test";
  readonly scopes: readonly string[];
  readonly ipAllowList: readonly string[] | null;
  readonly expiresAtMs: number | null;
}

const NAME_MAX = 80;
const EXPIRY_DAYS = [30, 90, 365];
const DAY_MS = 86_400_000;

export function readKeyDraft(form: FormData): KeyDraft {
  return {
    name: String(form.get("name") ?? "").trim(),
    mode: form.get("mode") === "test" ? "test" : "live",
    scopes: form.getAll("scopes").map(String),
    ips: String(form.get("ips") ?? ""),
    expiry: String(form.get("expiry") ?? ""),
  };
}

/** Error: `invalid_key` with one entry per field. */
export function parseKeyDraft(draft: KeyDraft, nowMs: number): Result<KeySpec> {
  const scopes = parseScopes(draft.scopes);
  const allowList = parseAllowList(draft.ips.split(/[\r\n,]+/));
  const days = draft.expiry === "" ? null : Number(draft.expiry);
  const errors: Refusal[] = [
    ...(draft.name === "" || draft.name.length > NAME_MAX
      ? [field("name", `A name of 1 to ${NAME_MAX} characters`)]
      : []),
    ...(scopes.ok ? [] : [field("scopes", scopes.error.detail)]),
    ...(allowList.ok ? [] : [field("ips", allowList.error.detail)]),
    ...(days === null || EXPIRY_DAYS.includes(days)
      ? []
      : [field("expiry", "One of the choices of the list")]),
  ];
  if (errors.length > 0 || !scopes.ok || !allowList.ok) {
    return refuse({ code: "invalid_key", detail: "Some fields need another look", errors });
  }
  return accept({
    name: draft.name,
    mode: draft.mode,
    scopes: scopes.value,
    ipAllowList: allowList.value,
    expiresAtMs: days === null ? null : nowMs + days * DAY_MS,
  });
}

function field(name: string, detail: string): Refusal {
  return { code: "invalid_field", pointer: `/${name}`, detail };
}
