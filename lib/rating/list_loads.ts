import { eachTenant } from "@/lib/catalog/each_tenant.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import { accept, refuse, type Result } from "../domain/result.ts";
import { type AuditLog, OPERATOR_CHAIN } from "../ports/audit.ts";
import type { Logger } from "../ports/logger.ts";
import {
  LIST_LOADS_KEPT_MS,
  type ListLoad,
  type ListLoadStore,
  type Stamped,
} from "../ports/rating.ts";
import type { TenantStore } from "../ports/tenancy.ts";
import { type ListText, type ReadList, readListText, withPlaces } from "./list_text.ts";
import { type ListDeps, putList, rescreen } from "./lists.ts";
import { parseBody } from "./parse_body.ts";
import type { RatingProblem } from "./problems.ts";
import { InstrumentIdSchema, ListSchema } from "./schemas.ts";

export interface ListLoadDeps extends ListDeps {
  readonly loads: ListLoadStore;
  readonly tenants: Pick<TenantStore, "tenants">;
  readonly audit: Pick<AuditLog, "append">;
  readonly logger: Logger;
}

export interface ListLoadRequest extends ListText {
  /** Chosen by the sender, so that a form that is sent twice loads once. */
  readonly loadId: string;
  readonly listId: string;
  /** Of the list that is to be replaced; `null` for a new one. */
  readonly ifVersion: string | null;
  /** The new list may have fewer than half the entries of the one it replaces. */
  readonly mayShrink: boolean;
  readonly act: Act;
}

const OPERATOR = { kind: "operator" } as const;
const LOAD_ID = /^lld_\w{10,60}$/;
const TENANTS_PER_STEP = 10;

/**
 * Loads operator lists from text, and screens every tenant's stored instruments against them behind
 * the request. The list is in force as soon as it is stored: whoever asks before screening has come
 * by is screened then. A step at a time is kept, so any instance can go on where one stopped.
 */
export class ListLoads {
  readonly #running = new Map<string, Promise<void>>();
  #stopping = false;

  constructor(private readonly deps: ListLoadDeps) {}

  /**
   * Resolves once the list is in force, or was before by the same load. Errors: those of `putList`,
   * with each complaint naming its row, and `list_shrinks`. Nothing is stored unless all of it is.
   */
  async begin(request: ListLoadRequest): Promise<Result<ListLoad, RatingProblem>> {
    const { loads, clock } = this.deps;
    const { loadId, listId } = request;
    if (!LOAD_ID.test(loadId)) {
      return refuse({ code: "validation_failed", detail: "The form is not ours: load it again" });
    }
    const known = await loads.load(loadId);
    if (known !== null) return accept(known.value);
    const checked = await this.#check(request);
    if (!checked.ok) {
      // Sent twice at once, and the other one's list is what this one now finds in its way.
      const other = await loads.load(loadId);
      return other === null ? checked : accept(other.value);
    }
    const { read, body, replaced } = checked.value;
    const nowMs = clock.nowMs();
    const load: ListLoad = {
      loadId,
      listId,
      kind: body.kind,
      asOf: body.as_of,
      startedBy: request.act.actor.id,
      startedAtMs: nowMs,
      count: body.entries.length,
      replacedCount: replaced?.value.count ?? null,
      state: "storing",
      detail: null,
      tenantsTotal: 0,
      tenantsDone: 0,
      instruments: 0,
      cursor: null,
      updatedAtMs: nowMs,
    };
    const begun = await loads.putLoad(load, null);
    // Sent twice at once: the other one does it.
    if (!begun.ok) return accept((await loads.load(loadId))?.value ?? load);
    const stored = await this.#store(request, { load, version: begun.version, body });
    return stored.ok ? stored : refuse(withPlaces(stored.error, read));
  }

  async load(loadId: string): Promise<ListLoad | null> {
    return (await this.deps.loads.load(loadId))?.value ?? null;
  }

  /** Newest first. */
  async recent(limit: number): Promise<readonly ListLoad[]> {
    const sinceMs = this.deps.clock.nowMs() - LIST_LOADS_KEPT_MS;
    const found = await this.deps.loads.loads(limit);
    return found.filter(({ startedAtMs }) => startedAtMs > sinceMs);
  }

  /** Screens behind the request; does nothing when this instance is at it already. */
  screen(loadId: string): void {
    if (this.#running.has(loadId) || this.#stopping) return;
    const run = this.screenNow(loadId).catch((error) => {
      this.deps.logger.error("list_screening_failed", { loadId, error: String(error) });
    }).finally(() => this.#running.delete(loadId));
    this.#running.set(loadId, run);
  }

  /** Screens tenant by tenant until all are done, or another instance has taken over. */
  async screenNow(loadId: string): Promise<void> {
    const { loads, tenants, clock } = this.deps;
    let found = await loads.load(loadId);
    while (found !== null && found.value.state === "screening" && !this.#stopping) {
      const { value: load, version }: Stamped<ListLoad> = found;
      const { items, cursor } = await tenants.tenants({
        limit: TENANTS_PER_STEP,
        ...load.cursor === null ? {} : { cursor: load.cursor },
      });
      let instruments = 0;
      for (const { tenantId, status } of items) {
        if (status !== "closed") instruments += await rescreen(tenantId, this.deps);
      }
      const next: ListLoad = {
        ...load,
        state: cursor === null ? "done" : "screening",
        tenantsDone: load.tenantsDone + items.length,
        instruments: load.instruments + instruments,
        cursor,
        updatedAtMs: clock.nowMs(),
      };
      const kept = await loads.putLoad(next, version);
      if (!kept.ok) return;
      found = { value: next, version: kept.version };
    }
  }

  /** Resolves when nothing is screened behind a request of this instance any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  /** Lets the steps under way end; what is left is gone on with by whoever asks. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.settled();
  }

  /** All that can be refused is refused before anything is written. */
  async #check(request: ListLoadRequest) {
    const { listId, ifVersion, mayShrink } = request;
    const id = parseBody(InstrumentIdSchema, listId);
    if (!id.ok) return refuse<RatingProblem>({ ...id.error, pointer: "/listId", errors: [] });
    const read = readListText(request);
    if (!read.ok) return read;
    const body = parseBody(ListSchema, read.value.body);
    if (!body.ok) return refuse(withPlaces(body.error, read.value));
    const heads = await this.deps.lists.lists(OPERATOR);
    const replaced = heads.find(({ value }) => value.listId === listId) ?? null;
    if (replaced !== null && ifVersion === null) return refuse(LIST_EXISTS);
    const before = replaced?.value.count ?? 0;
    const count = body.value.entries.length;
    if (!mayShrink && count * 2 < before) return refuse(shrinks(before, count));
    return accept({ read: read.value, body: body.value, replaced });
  }

  async #store(
    { listId, ifVersion, act }: ListLoadRequest,
    { load, version, body }: {
      readonly load: ListLoad;
      readonly version: string;
      readonly body: ReadList["body"];
    },
  ): Promise<Result<ListLoad, RatingProblem>> {
    const { loads, tenants, audit, clock } = this.deps;
    const stored = await putList({ scope: OPERATOR, listId, body, ifVersion }, this.deps);
    const updatedAtMs = clock.nowMs();
    if (!stored.ok) {
      const { detail } = stored.error;
      await loads.putLoad({ ...load, state: "failed", detail, updatedAtMs }, version);
      return stored;
    }
    const { count, asOf, kind } = load;
    await audit.append(auditDraft(act, {
      chain: OPERATOR_CHAIN,
      atMs: updatedAtMs,
      action: "list.replaced",
      subject: listId,
      after: { version: stored.value.version, count, asOf, kind },
    }));
    let tenantsTotal = 0;
    for await (const _ of eachTenant(tenants)) tenantsTotal += 1;
    const screening: ListLoad = { ...load, state: "screening", tenantsTotal, updatedAtMs };
    await loads.putLoad(screening, version);
    return accept(screening);
  }
}

const LIST_EXISTS: RatingProblem = {
  code: "version_mismatch",
  detail: "A list of this id exists. Replace it from its own page",
  pointer: "/listId",
};

function shrinks(before: number, count: number): RatingProblem {
  return {
    code: "list_shrinks",
    detail: `The list in force has ${before} entries, this one ${count}. If that is right, say so`,
    pointer: "/mayShrink",
  };
}
