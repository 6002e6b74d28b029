import type { ListFormModel } from "@/components/operator/lists/ListFormPage.tsx";
import type { ListsModel } from "@/components/operator/lists/ListsPage.tsx";
import { type AuditValue, OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { ListHead, Stamped } from "@/lib/ports/rating.ts";
import { isStalled } from "@/lib/rating/list_loads.ts";
import type { Services } from "@/lib/services.ts";

export type ListsDeps =
  & Pick<Services, "clock" | "audit">
  & {
    readonly lists: Pick<Services["lists"], "lists">;
    readonly listLoads: Pick<Services["listLoads"], "recent">;
  };

const OPERATOR = { kind: "operator" } as const;
const LOADS_SHOWN = 10;
const ROWS_READ = 200;

export async function loadLists(deps: ListsDeps): Promise<ListsModel> {
  const [heads, loads] = await Promise.all([
    deps.lists.lists.lists(OPERATOR),
    deps.listLoads.recent(LOADS_SHOWN),
  ]);
  const loaders = heads.length === 0 ? new Map<string, string>() : await loadersOf(deps);
  return {
    lists: heads.map(({ value, version }) => ({
      ...value,
      loadedBy: loaders.get(version) ?? null,
    })),
    loads: loads.map((load) => ({ ...load, isStalled: isStalled(load, deps.clock.nowMs()) })),
  };
}

/** The list that a form is about; `null` for a new one and for an id that has none. */
export async function listHead(
  { lists }: Pick<ListsDeps, "lists">,
  listId: string,
): Promise<Stamped<ListHead> | null> {
  const heads = await lists.lists.lists(OPERATOR);
  return heads.find(({ value }) => value.listId === listId) ?? null;
}

/** A form for the list, with the kind of the one it replaces. */
export function listForm(
  head: Stamped<ListHead> | null,
  { loadId, listId }: { readonly loadId: string; readonly listId: string },
): ListFormModel {
  return {
    current: head?.value ?? null,
    draft: {
      loadId,
      listId: head?.value.listId ?? listId,
      version: head?.version ?? "",
      kind: head?.value.kind ?? "sanctions",
      asOf: "",
      text: "",
      mayShrink: false,
    },
    errors: [],
  };
}

/** Who loaded which version, as the audit log has it. */
async function loadersOf({ audit }: ListsDeps): Promise<ReadonlyMap<string, string>> {
  const { items } = await audit.entries({
    chain: OPERATOR_CHAIN,
    limit: ROWS_READ,
    action: "list.replaced",
  });
  return new Map(items.flatMap(({ after, actor }) => {
    const version = versionIn(after);
    return version === null ? [] : [[version, actor.id]];
  }));
}

function versionIn(after: AuditValue): string | null {
  if (typeof after !== "object" || after === null || !("version" in after)) return null;
  return typeof after.version === "string" ? after.version : null;
}
