import type {
  OutboxModel,
  OutboxTab,
  OutboxWithin,
} from "@/components/operator/outbox/OutboxPage.tsx";
import type { OutboxState } from "@/lib/domain/outbox.ts";
import type { OutboxEntry } from "@/lib/ports/usage.ts";
import type { Services } from "@/lib/services.ts";
import { filterWord, hrefOf } from "./address.ts";
import { wantedTenant } from "./find_tenants.ts";
import { pagerOf } from "./pager.ts";

export type OutboxDeps = Pick<
  Services,
  "clock" | "usage" | "outboxActions" | "cursors" | "tenants"
>;

export const OUTBOX_PATH = "/operator/outbox";
/** How old what is through may be; Stripe takes nothing that is older than 35 days. */
export const OUTBOX_WITHIN: readonly OutboxWithin[] = ["3d", "35d", "all"];
const OUTBOX_WITHIN_FIRST: OutboxWithin = "35d";
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
/** Entries that are through are kept for more than a year: they are listed by how old they are. */
const THROUGH: readonly OutboxTab[] = ["sent", "confirmed", "written_off"];
const DAY_MS = 86_400_000;
const WITHIN_DAYS: Readonly<Record<OutboxWithin, number | null>> = {
  "3d": 3,
  "35d": 35,
  all: null,
};
const FOR_A_PERSON: readonly OutboxState[] = ["doubtful", "held"];

/** One page of entries in the states and of the tenant that the address names. */
export async function loadOutbox(deps: OutboxDeps, query: URLSearchParams): Promise<OutboxModel> {
  const tab = filterWord(query, { name: "state", words: OUTBOX_TABS, fallback: "person" });
  const tenantId = await wantedTenant(deps, query);
  const through = THROUGH.includes(tab);
  const within = through
    ? filterWord(query, { name: "within", words: OUTBOX_WITHIN, fallback: OUTBOX_WITHIN_FIRST })
    : null;
  const filters = {
    state: tab === "person" ? "" : tab,
    tenant: tenantId,
    within: within === OUTBOX_WITHIN_FIRST ? "" : within ?? "",
  };
  const days = within === null ? null : WITHIN_DAYS[within];
  const place = pagerOf(deps.cursors, { owner: "operator", path: OUTBOX_PATH, filters, query });
  const ofTenant = tenantId === "" ? {} : { tenantId };
  const showsParked = (tab === "person" || tab === "held") && place.cursor === undefined;
  const [{ entries, cursor }, pipeline, parked] = await Promise.all([
    deps.usage.outbox({
      ...place.from,
      ...ofTenant,
      ...days === null ? {} : { sinceMs: deps.clock.nowMs() - days * DAY_MS },
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
    within,
    allTenantsHref: hrefOf(OUTBOX_PATH, { ...filters, tenant: "" }),
    withinLinks: OUTBOX_WITHIN.map((key) => ({
      key,
      href: hrefOf(OUTBOX_PATH, { ...filters, within: key === OUTBOX_WITHIN_FIRST ? "" : key }),
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
