import type { AuditModel } from "@/components/portal/AuditPage.tsx";
import type { TenantId } from "@/lib/domain/tenant.ts";
import type { AuditEntry, AuditValue } from "@/lib/ports/audit.ts";
import type { MemberStore } from "@/lib/ports/members.ts";
import type { PortalDeps } from "./deps.ts";

const PAGE_SIZE = 50;

export async function loadAudit(
  deps: Pick<PortalDeps, "audit"> & { readonly members: MemberStore },
  { tenantId, query }: { readonly tenantId: TenantId; readonly query: URLSearchParams },
): Promise<AuditModel> {
  const cursor = query.get("cursor");
  const [page, members] = await Promise.all([
    deps.audit.entries({
      chain: tenantId,
      limit: PAGE_SIZE,
      ...(cursor === null ? {} : { cursor }),
    }),
    deps.members.members(tenantId),
  ]);
  const names = new Map(members.map(({ memberId, email }) => [memberId, email]));
  return {
    entries: page.items.map((entry) => ({
      id: String(entry.sequence),
      atMs: entry.atMs,
      actor: actorWords(entry, names),
      action: entry.action,
      target: entry.subject,
      detail: changeWords(entry.before, entry.after),
    })),
    firstHref: cursor === null ? null : "/portal/audit",
    nextHref: page.cursor === null
      ? null
      : `/portal/audit?${new URLSearchParams({ cursor: page.cursor })}`,
  };
}

/** People are named by their address; a member who is gone, by the id that remains. */
function actorWords({ actor }: AuditEntry, names: ReadonlyMap<string, string>): string {
  const who = actor.kind === "member"
    ? names.get(actor.id) ?? actor.id
    : `${actor.kind} ${actor.id}`;
  return actor.impersonatedBy === undefined ? who : `${who}, seen by ${actor.impersonatedBy}`;
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
        ? `${name}: ${text(old[name] ?? null)} → ${text(now[name] ?? null)}`
        : `${name}: ${text(now[name] ?? null)}`
    ).join("; ");
}

function isObject(
  value: AuditValue,
): value is { readonly [name: string]: AuditValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: AuditValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
