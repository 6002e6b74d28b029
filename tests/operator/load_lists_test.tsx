/** The pages of lists and prices, from stores to markup. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { renderToString } from "preact-render-to-string";
import { ListLoadPage } from "@/components/operator/lists/ListLoadPage.tsx";
import { createCursors } from "@/lib/auth/cursors.ts";
import { createKvRatingStores } from "@/lib/kv/rating_stores.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { isStalled } from "@/lib/rating/list_loads.ts";
import { loadPrices } from "@/lib/operator/load_prices.ts";
import type { ListLoad } from "@/lib/ports/rating.ts";
import { APPLE, RatingWorld } from "@/tests/support/rating_world.ts";
import { sampleTenant } from "@/tests/support/samples.ts";

const LOAD: ListLoad = {
  loadId: "lld_1",
  listId: "ofac",
  kind: "sanctions",
  asOf: "2026-11-22",
  startedBy: "ada",
  startedAtMs: 0,
  count: 2,
  replacedCount: null,
  state: "screening",
  detail: null,
  tenantsTotal: 2,
  tenantsDone: 1,
  instruments: 0,
  cursor: null,
  updatedAtMs: 1_000,
};

Deno.test("a screening that has not moved for a minute is offered to go on", () => {
  assertEquals(isStalled(LOAD, 61_000), false);
  assertEquals(isStalled(LOAD, 61_001), true);
  assertEquals(isStalled({ ...LOAD, state: "done" }, 1e9), false);
  assertStringIncludes(render(true), "Go on screening");
  assertEquals(render(false).includes("Go on screening"), false);
});

Deno.test("a price is fresh or stale by what a rating would say of its kind", async () => {
  const kv = await Deno.openKv(":memory:");
  const world = await new RatingWorld(createKvRatingStores(kv)).withApple();
  const tenants = createKvTenantStore(kv);
  await tenants.putTenant(sampleTenant({ tenantId: "t1" }), null);
  const { instruments, prices } = world.stores;
  const { clock, cache, lists } = world;
  const deps = {
    clock,
    tenants,
    cursors: createCursors("s".repeat(32)),
    market: { instruments, prices, lists, cache, clock },
  };
  const load = (query: Record<string, string>) => loadPrices(deps, new URLSearchParams(query));
  const listed = await load({ tenant: "t1" });
  assertEquals(listed.instruments.map(({ instrumentId }) => instrumentId), [APPLE]);
  const quoteAtMs = listed.instruments[0]?.quoteAtMs ?? 0;
  const stale = async () => (await load({ tenant: "t1", instrument: APPLE })).found?.quote?.isStale;
  clock.atMs = quoteAtMs + 15 * 60_000;
  assertEquals(await stale(), false);
  clock.advance(1);
  assertEquals(await stale(), true);
  assertEquals((await load({ tenant: "nobody" })).tenantName, null);
  const nothing = (await load({ tenant: "t1", instrument: "OTHER" })).found;
  assertEquals([nothing?.terms, nothing?.quote, nothing?.history], [null, null, null]);
  kv.close();
});

function render(stalled: boolean): string {
  return renderToString(
    <ListLoadPage
      frame={{
        viewer: { locale: "en", timeZone: "UTC", nowMs: 61_001, csrfToken: "t" },
        theme: "system",
        operatorId: "ada",
        mode: "sandbox",
        flash: null,
      }}
      model={{ load: LOAD, isStalled: stalled }}
    >
      <p>progress</p>
    </ListLoadPage>,
  );
}
