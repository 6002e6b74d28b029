import type { OutboxModel, OutboxTab } from "@/components/operator/outbox/OutboxPage.tsx";
import type { OutboxState } from "@/lib/domain/outbox.ts";
import type { OutboxEntry } from "@/lib/ports/usage.ts";
import type { Services } from "@/lib/services.ts";
import { filterWord, hrefOf } from "./address.ts";
import { wantedTenant } from "./find_tenants.ts";
import { pagerOf } from "./pager.ts";

export type OutboxDeps = Pick<Services, "usage" | "outboxActions" | "cursors" | "tenants">;

export const OUTBOX_PATH = "/operator/outbox";
const PAGE_SIZE = 50;
const PARKED_SHOWN = 50;

/** What needs a person comes first, what is through last. */
export const OUTBOX_TABS: readonly OutboxTab[] = [
  "person",
  "doubtful",
  "held",
  "rejected",
  "ready",
  "in_flight",
  "sent",
  "confirmed",
  "written_off",
];
const FOR_A_PERSON: readonly OutboxState[] = ["doubtful", "held"];

/** One page of entries in the states and of the tenant that the address names. */
export async function loadOutbox(deps: OutboxDeps, query: URLSearchParams): Promise<OutboxModel> {
  const tab = filterWord(query, { name: "state", words: OUTBOX_TABS, fallback: "person" });
  const tenantId = await wantedTenant(deps, query);
  const filters = { state: tab === "person" ? "" : tab, tenant: tenantId };
  const place = pagerOf(deps.cursors, { owner: "operator", path: OUTBOX_PATH, filters, query });
  const ofTenant = tenantId === "" ? {} : { tenantId };
  const showsParked = (tab === "person" || tab === "held") && place.cursor === undefined;
  const [{ entries, cursor }, pipeline, parked] = await Promise.all([
    deps.usage.outbox({
      ...place.from,
      ...ofTenant,
      state: tab === "person" ? FOR_A_PERSON : tab,
      limit: PAGE_SIZE,
    }),
    deps.usage.pipeline(),
    showsParked ? deps.outboxActions.outbox.parked({ ...ofTenant, limit: PARKED_SHOWN }) : [],
  ]);
  const counts = tenantId === "" ? countsOf(pipeline.outbox) : null;
  const goesOn = entries.length > 0 || counts === null || counts[tab] > 0;
  const reasonOf = unbillableReasons(deps);
  const speakers = [...entries, ...parked.map(({ line }) => line)];
  return {
    tab,
    tenantId,
    asOfMs: pipeline.asOfMs,
    counts,
    tabs: OUTBOX_TABS.map((key) => ({
      key,
      href: hrefOf(OUTBOX_PATH, { state: key === "person" ? "" : key, tenant: tenantId }),
    })),
    entries,
    names: await deps.tenants.tenantNames(speakers.map((one) => one.tenantId)),
    parkedTotals: tenantId === "" ? pipeline.parked : null,
    parked: await Promise.all(parked.map(async ({ line, units }) => ({
      line,
      units,
      reason: await reasonOf(line),
    }))),
    // Nobody is sent looking through other states for entries that are not there.
    ...place.links(goesOn ? cursor : null),
  };
}

function countsOf(
  outbox: Readonly<Record<OutboxState, { readonly entries: number }>>,
): Readonly<Record<OutboxTab, number>> {
  const of = (state: OutboxState) => outbox[state].entries;
  return {
    person: of("held") + of("doubtful"),
    doubtful: of("doubtful"),
    held: of("held"),
    rejected: of("rejected"),
    ready: of("ready"),
    in_flight: of("in_flight"),
    sent: of("sent"),
    confirmed: of("confirmed"),
    written_off: of("written_off"),
  };
}

/** Lines of many periods share a tenant, plan version and meter, and so a reason: each is asked once. */
function unbillableReasons({ outboxActions: { targets } }: OutboxDeps) {
  const known = new Map<string, Promise<string | null>>();
  return (
    { tenantId, meter, planRevision }: Pick<OutboxEntry, "tenantId" | "meter" | "planRevision">,
  ): Promise<string | null> => {
    const key = JSON.stringify([tenantId, meter, planRevision]);
    let reason = known.get(key);
    if (reason === undefined) {
      reason = targets.target({ tenantId, meter, planRevision })
        .then((target) => target.kind === "unbillable" ? target.reason : null);
      known.set(key, reason);
    }
    return reason;
  };
}
