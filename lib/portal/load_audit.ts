import type { AuditActorModel, AuditModel } from "@/components/portal/AuditPage.tsx";
import type { TenantId } from "@/lib/domain/tenant.ts";
import type { AuditEntry, AuditValue } from "@/lib/ports/audit.ts";
import type { MemberStore } from "@/lib/ports/members.ts";
import type { PortalDeps } from "./deps.ts";

const PAGE_SIZE = 50;

export async function loadAudit(
  deps: Pick<PortalDeps, "audit" | "cursors"> & { readonly members: MemberStore },
  { tenantId, query }: { readonly tenantId: TenantId; readonly query: URLSearchParams },
): Promise<AuditModel> {
  const scope = { owner: tenantId, list: "portal audit" };
  const opened = deps.cursors.open(query.get("cursor"), scope);
  // A cursor that is not ours, or from before the secret changed, leads to the first page.
  const cursor = opened.ok ? opened.value : undefined;
  const [page, members] = await Promise.all([
    deps.audit.entries({
      chain: tenantId,
      limit: PAGE_SIZE,
      ...(cursor === undefined ? {} : { cursor }),
    }),
    deps.members.members(tenantId),
  ]);
  const names = new Map(members.map(({ memberId, email }) => [memberId, email]));
  const next = deps.cursors.seal(page.cursor, scope);
  return {
    entries: page.items.map((entry) => ({
      id: String(entry.sequence),
      atMs: entry.atMs,
      actor: actorOf(entry, names),
      action: entry.action,
      target: entry.subject,
      detail: changeWords(entry.before, entry.after),
    })),
    firstHref: cursor === undefined ? null : "/portal/audit",
    nextHref: next === null ? null : `/portal/audit?${new URLSearchParams({ cursor: next })}`,
  };
}

/** People are named by their address; a member who is gone, by the id that remains. */
function actorOf({ actor }: AuditEntry, names: ReadonlyMap<string, string>): AuditActorModel {
  const { kind, id, impersonatedBy = null } = actor;
  return { kind, name: names.get(id) ?? id, impersonatedBy };
}

/** `name: "a" → "b"`, only for what differs. */
export function changeWords(before: AuditValue, after: AuditValue): string {
  if (!isObject(before) && !isObject(after)) return before === after ? "" : text(after);
  const old = isObject(before) ? before : {};
  const now = isObject(after) ? after : {};
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((name) => name !== "tenantId" && text(old[name] ?? null) !== text(now[name] ?? null))
    .map((name) =>
      Object.hasOwn(old, name)
        ? `${name}: ${text(old[name] ?? null, name)} → ${text(now[name] ?? null, name)}`
        : `${name}: ${text(now[name] ?? null, name)}`
    ).join("; ");
}

function isObject(
  value: AuditValue,
): value is { readonly [name: string]: AuditValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: AuditValue, name = ""): string {
  if (typeof value === "number" && name.endsWith("AtMs")) return new Date(value).toISOString();
  if (Array.isArray(value)) return value.map((one) => text(one)).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
