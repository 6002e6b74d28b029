import { eachTenant } from "@/lib/catalog/each_tenant.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import { accept, refuse, type Result } from "../domain/result.ts";
import { type AuditLog, OPERATOR_CHAIN } from "../ports/audit.ts";
import type { Logger } from "../ports/logger.ts";
import {
  LIST_LOADS_KEPT_MS,
  type ListHead,
  type ListLoad,
  type ListLoadStore,
  type Stamped,
  type WriteCondition,
} from "../ports/rating.ts";
import type { TenantStore } from "../ports/tenancy.ts";
import { checkListForm, type ListLoadRequest } from "./check_list_form.ts";
import { withPlaces } from "./list_text.ts";
import { type ListDeps, putList, rescreen } from "./lists.ts";
import { VERSION_MISMATCH } from "./instruments.ts";
import { parseBody } from "./parse_body.ts";
import type { RatingProblem } from "./problems.ts";
import { InstrumentIdSchema, type ListBody } from "./schemas.ts";

export interface ListLoadDeps extends ListDeps {
  readonly loads: ListLoadStore;
  readonly tenants: Pick<TenantStore, "tenants">;
  readonly audit: Pick<AuditLog, "append" | "entries">;
  readonly logger: Logger;
}

/** A list that was read already. */
export interface ListReplacement extends WriteCondition {
  readonly loadId: string;
  readonly listId: string;
  readonly body: ListBody;
  readonly act: Act;
}

const OPERATOR = { kind: "operator" } as const;
/** A load that has not moved for this long has lost the process that was at it. */
const STALLED_MS = 60_000;
/** Of the newest loads, looked at for lost ones. */
const RESUMED_MAX = 20;
const AUDIT_ROWS_READ = 200;
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
    const { loads } = this.deps;
    const { loadId } = request;
    if (!LOAD_ID.test(loadId)) {
      return refuse({ code: "validation_failed", detail: "The form is not ours: load it again" });
    }
    const known = await loads.load(loadId);
    if (known !== null) return accept(known.value);
    const replaced = await this.#head(request.listId);
    const checked = checkListForm(request, replaced);
    if (!checked.ok) {
      // Sent twice at once, and the other one's list is what this one now finds in its way.
      const other = await loads.load(loadId);
      return other === null ? checked : accept(other.value);
    }
    const { read, body } = checked.value;
    const begun = await this.#begin({ ...request, body, replaced, known: null });
    return begun.ok ? begun : refuse(withPlaces(begun.error, read));
  }

  /**
   * The same for a list that was read already: any may be replaced by any, under the condition alone.
   * Errors: those of `putList`.
   */
  async replace(request: ListReplacement): Promise<Result<ListLoad, RatingProblem>> {
    const known = await this.deps.loads.load(request.loadId);
    if (known !== null && known.value.state !== "failed") return accept(known.value);
    const id = parseBody(InstrumentIdSchema, request.listId);
    if (!id.ok) return id;
    const replaced = await this.#head(request.listId);
    const { ifVersion } = request;
    if (ifVersion !== undefined && ifVersion !== (replaced?.version ?? null)) {
      return refuse(VERSION_MISMATCH);
    }
    return await this.#begin({ ...request, replaced, known });
  }

  async #begin(
    { known, replaced, ...request }: ListReplacement & {
      readonly replaced: Stamped<ListHead> | null;
      readonly known: Stamped<ListLoad> | null;
    },
  ): Promise<Result<ListLoad, RatingProblem>> {
    const { loads, clock } = this.deps;
    const { loadId, listId, body, act } = request;
    const nowMs = clock.nowMs();
    const load: ListLoad = {
      loadId,
      listId,
      kind: body.kind,
      asOf: body.as_of,
      startedBy: act.actor.id,
      startedAtMs: nowMs,
      count: body.entries.length,
      replacedCount: replaced?.value.count ?? null,
      state: "storing",
      version: null,
      detail: null,
      tenantsTotal: 0,
      tenantsDone: 0,
      instruments: 0,
      cursor: null,
      updatedAtMs: nowMs,
    };
    const begun = await loads.putLoad(load, known?.version ?? null);
    // Sent twice at once: the other one does it.
    if (!begun.ok) return accept((await loads.load(loadId))?.value ?? load);
    return await this.#store(request, { load, version: begun.version });
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

  /** Goes on with what lost its process, behind the caller; how many loads that were. */
  async resume(): Promise<number> {
    const nowMs = this.deps.clock.nowMs();
    let resumed = 0;
    for (const load of await this.recent(RESUMED_MAX)) {
      if (!isStalled(load, nowMs) || this.#running.has(load.loadId)) continue;
      if (load.state === "storing") await this.#settle(load.loadId);
      this.screen(load.loadId);
      resumed += 1;
    }
    return resumed;
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

  async #store(
    { listId, act, body, ...condition }: Omit<ListReplacement, "loadId">,
    { load, version }: { readonly load: ListLoad; readonly version: string },
  ): Promise<Result<ListLoad, RatingProblem>> {
    const { loads, clock } = this.deps;
    const { loadId } = load;
    const request = { ...condition, scope: OPERATOR, listId, body, loadId };
    const stored = await putList(request, this.deps);
    if (stored.ok) return accept(await this.#inForce(load, stored.value.version, act));
    const { detail } = stored.error;
    await loads.putLoad({ ...load, state: "failed", detail, updatedAtMs: clock.nowMs() }, version);
    return stored;
  }

  /** What comes of a load whose process died while it wrote: in force or not, as its head says. */
  async #settle(loadId: string): Promise<void> {
    const { loads, clock } = this.deps;
    const found = await loads.load(loadId);
    if (found === null || found.value.state !== "storing") return;
    // Another one that found it stalled at the same time may have claimed it already.
    if (!isStalled(found.value, clock.nowMs())) return;
    const load: ListLoad = { ...found.value, updatedAtMs: clock.nowMs() };
    // Of two that find it at the same time, one settles it.
    const claimed = await loads.putLoad(load, found.version);
    if (!claimed.ok) return;
    const head = await this.#head(load.listId);
    if (head?.value.loadId === loadId) {
      const actor = { kind: "operator", id: load.startedBy } as const;
      await this.#inForce(load, head.version, { actor, ip: null, requestId: loadId });
      return;
    }
    const detail = "Its process ended while it wrote. The list before is in force: load it again";
    await loads.putLoad({ ...load, state: "failed", detail }, claimed.version);
  }

  /** The head of the list has turned: on record once, and to be screened. */
  async #inForce(load: ListLoad, version: string, act: Act): Promise<ListLoad> {
    const { loads, tenants, audit, clock } = this.deps;
    const { loadId, listId, count, asOf, kind } = load;
    const updatedAtMs = clock.nowMs();
    const { items } = await audit.entries({
      chain: OPERATOR_CHAIN,
      action: "list.replaced",
      limit: AUDIT_ROWS_READ,
    });
    const after = { version, count, asOf, kind, loadId };
    if (!items.some((row) => JSON.stringify(row.after).includes(`"${loadId}"`))) {
      await audit.append(auditDraft(act, {
        chain: OPERATOR_CHAIN,
        atMs: updatedAtMs,
        action: "list.replaced",
        subject: listId,
        after,
      }));
    }
    let tenantsTotal = 0;
    for await (const _ of eachTenant(tenants)) tenantsTotal += 1;
    for (;;) {
      const found = await loads.load(loadId);
      // Whoever took this load for lost meanwhile was wrong, or has brought it as far.
      if (found !== null && found.value.state !== "storing" && found.value.state !== "failed") {
        return found.value;
      }
      const screening: ListLoad = {
        ...load,
        state: "screening",
        version,
        tenantsTotal,
        updatedAtMs,
      };
      const kept = await loads.putLoad(screening, found?.version ?? null);
      if (kept.ok) return screening;
    }
  }

  async #head(listId: string): Promise<Stamped<ListHead> | null> {
    const heads = await this.deps.lists.lists(OPERATOR);
    return heads.find(({ value }) => value.listId === listId) ?? null;
  }
}

export function isStalled({ state, updatedAtMs }: ListLoad, nowMs: number): boolean {
  return (state === "storing" || state === "screening") && nowMs - updatedAtMs > STALLED_MS;
}
