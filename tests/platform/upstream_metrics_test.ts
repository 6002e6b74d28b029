import { assert, assertEquals } from "@std/assert";
import { Metrics } from "@/lib/platform/metrics.ts";
import { addUpstreamMetrics } from "@/lib/platform/upstream_metrics.ts";

Deno.test("the price source's cache shows as counters that are read when printed", () => {
  const metrics = new Metrics();
  const counts = { hitsMemory: 0, hitsStore: 0, misses: 0, failures: 0 };
  addUpstreamMetrics(metrics, { counts });
  counts.hitsMemory = 7;
  counts.misses = 2;
  const text = metrics.text();
  assert(text.includes("# TYPE clawmeter_upstream_cache_memory_hits_total counter"));
  assert(text.includes("\nclawmeter_upstream_cache_memory_hits_total 7\n"));
  assert(text.includes("\nclawmeter_upstream_cache_misses_total 2\n"));
});

Deno.test("without a price source there is nothing to print", () => {
  const metrics = new Metrics();
  addUpstreamMetrics(metrics, null);
  assertEquals(metrics.text(), "");
});
