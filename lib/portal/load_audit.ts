import type { AuditActorModel, AuditModel } from "@/components/portal/AuditPage.tsx";
import type { TenantId } from "@/lib/domain/tenant.ts";
import type { AuditEntry } from "@/lib/ports/audit.ts";
import type { MemberStore } from "@/lib/ports/members.ts";
import { sayIn } from "@/lib/i18n/portal/messages.ts";
import { auditChanges, isSaidBy } from "./audit_changes.ts";
import type { PortalDeps } from "./deps.ts";

const PAGE_SIZE = 50;

export async function loadAudit(
  deps: Pick<PortalDeps, "audit" | "cursors"> & { readonly members: MemberStore },
  { tenantId, query, locale = "en" }: {
    readonly tenantId: TenantId;
    readonly query: URLSearchParams;
    readonly locale?: string;
  },
): Promise<AuditModel> {
  const none = sayIn(locale)("none");
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
      changes: auditChanges(entry.before, entry.after, none)
        .filter((change) => !isSaidBy(entry, change)),
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
