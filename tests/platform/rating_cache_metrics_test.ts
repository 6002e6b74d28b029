import { assertEquals } from "@std/assert";
import { Metrics } from "@/lib/platform/metrics.ts";
import { addRatingCacheMetrics } from "@/lib/platform/rating_cache_metrics.ts";
import { APPLE, RatingWorld } from "@/tests/support/rating_world.ts";

Deno.test("the metrics tell the rating cache's hits from its misses", async () => {
  const metrics = new Metrics();
  const world = await new RatingWorld().withApple();
  addRatingCacheMetrics(metrics, world.cache);
  for (let call = 0; call < 4; call++) await world.rated({ instrument: APPLE });
  const samples = metrics.text().split("\n").filter((line) => line.startsWith("clawmeter_"));
  assertEquals(samples, [
    "clawmeter_rating_cache_hits_total 3",
    "clawmeter_rating_cache_misses_total 1",
    "clawmeter_rating_statistics_computed_total 1",
  ]);
});
