import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { renderToString } from "preact-render-to-string";
import { PipelineDiagram } from "@/components/charts/PipelineDiagram.tsx";
import { rangeTicks } from "@/components/charts/PriceLine.tsx";
import { labelled, linePath, niceAxis, percent } from "@/components/charts/scale.ts";
import { StackedBars } from "@/components/charts/StackedBars.tsx";
import { TierLadderChart } from "@/components/charts/TierLadderChart.tsx";
import { meterClass } from "@/components/charts/palette.ts";
import { pipelineStages } from "@/components/portal/LinePage.tsx";
import { tierLadder } from "@/lib/domain/tiers.ts";
import type { BookLine } from "@/lib/ports/usage.ts";

const SEED = 20_261_124;

Deno.test("an axis holds its highest value with two to nine even steps from zero", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1e12, noNaN: true }), (highest) => {
      const { max, ticks } = niceAxis(highest, { whole: false });
      assert(max >= highest);
      assert(max <= highest * 3);
      assert(ticks.length >= 2 && ticks.length <= 9, `${ticks.length} ticks for ${highest}`);
      assertEquals(ticks[0], 0);
      assertAlmostEquals(ticks.at(-1) ?? 0, max, max * 1e-9);
    }),
    { seed: SEED },
  );
});

Deno.test("a price axis holds every price between round marks, however narrow or low", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1e-9, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 50 }),
      (prices) => {
        const ticks = rangeTicks(prices);
        assert(ticks.length >= 2 && ticks.length <= 9, `${ticks.length} ticks`);
        assert((ticks[0] ?? 0) <= Math.min(...prices) * (1 + 1e-9));
        assert((ticks.at(-1) ?? 0) >= Math.max(...prices) * (1 - 1e-9));
      },
    ),
    { seed: SEED },
  );
});

Deno.test("an axis of nothing is still drawn", () => {
  assertEquals(niceAxis(0), { max: 1, ticks: [0, 1] });
  assertEquals(niceAxis(NaN), { max: 1, ticks: [0, 1] });
});

Deno.test("positions never leave the picture", () => {
  assertEquals(percent(-0.1), "0.000%");
  assertEquals(percent(1.7), "100.000%");
  assertEquals(linePath([0, 5, 500], 10), "M0.00 100.00L50.00 50.00L100.00 0.00");
});

Deno.test("a crowded axis prints few labels, a short one all", () => {
  const printed = (count: number) =>
    Array.from({ length: count }, (_, at) => labelled(at, count)).filter((mark) => mark !== "none");
  assertEquals(printed(5).length, 5);
  assert(printed(336).length <= 8);
});

Deno.test("bars of a slot are as high together as their values on the axis", () => {
  const html = renderToString(
    <StackedBars
      summary="Two meters"
      axisText={String}
      height={134}
      slots={[{ key: "a", label: "Monday", shortLabel: "Mo" }]}
      series={[
        { key: "x", label: "X", class: "s0", values: [30], texts: ["30"] },
        { key: "y", label: "Y", class: "s1", values: [70], texts: ["70"] },
      ]}
    />,
  );
  const heights = [...html.matchAll(/class="s[01]" d="M[\d.]+ [\d.]+h82v([\d.]+)h-82z"/g)]
    .map((hit) => Number(hit[1]));
  assertEquals(heights.length, 2);
  // 134 less axis and head room is a plot of 100; the axis ends at 100; gaps take 0.75 each.
  assertAlmostEquals((heights[0] ?? 0) + 0.75, 30, 0.01);
  assertAlmostEquals((heights[1] ?? 0) + 0.75, 70, 0.01);
  assertStringIncludes(html, "<figcaption");
  assertStringIncludes(html, "Monday\nX: 30\nY: 70");
});

Deno.test("a ladder is drawn with a step per tier and told in words", () => {
  const html = renderToString(
    <TierLadderChart
      meter="Risk score"
      currency="usd"
      includedUnits={100n}
      usedUnits={5_000n}
      price={{
        model: "graduated",
        tiers: tierLadder(
          { upTo: 1_000n, unitAmount: 2_000_000_000_000n, flatAmount: 0n },
          { upTo: null, unitAmount: 1_000_000_000_000n, flatAmount: 5_000_000_000_000n },
        ),
      }}
    />,
  );
  assertEquals(html.match(/class="rung"/g)?.length, 3);
  assertStringIncludes(html, "Above 100 to 1,100: $0.02");
  assertStringIncludes(html, "Above 1,100: $0.01 plus $0.05 once");
  assertStringIncludes(html, "Used so far: 5,000");
});

Deno.test("the stages of the pipeline add up to what was acknowledged", () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt(0n, 10n ** 12n), { minLength: 7, maxLength: 7 }), (parts) => {
      const [log = 0n, windows = 0n, outbox = 0n, held = 0n, rejected = 0n, confirmed = 0n] = parts;
      const writtenOff = parts[6] ?? 0n;
      const sent = held + rejected + confirmed;
      const acknowledged = log + windows + outbox + sent - rejected + writtenOff;
      const book = bookLine({
        acknowledged,
        log,
        windows,
        outbox,
        sent,
        rejected,
        confirmed,
        writtenOff,
      });
      const stages = pipelineStages(book);
      assertEquals(stages.reduce((sum, { units }) => sum + units, 0n), acknowledged);
    }),
    { seed: SEED },
  );
});

Deno.test("a difference in the books is said, not hidden", () => {
  const html = renderToString(
    <PipelineDiagram acknowledged={10n} difference={3n} stages={pipelineStages(bookLine({}))} />,
  );
  assertStringIncludes(html, "Difference 3");
});

Deno.test("a meter keeps its colour wherever it is drawn", () => {
  assertEquals(meterClass("risk_score", 0), meterClass("risk_score", 5));
  assert(meterClass("constructor", 0).startsWith("s"));
});

function bookLine(units: Partial<BookLine>): BookLine {
  return {
    tenantId: "t",
    meter: "risk_score",
    planRevision: "p@1",
    periodId: "2026-11-01",
    acknowledged: 0n,
    adjusted: 0n,
    corrected: false,
    log: 0n,
    windows: 0n,
    outbox: 0n,
    sent: 0n,
    rejected: 0n,
    confirmed: 0n,
    writtenOff: 0n,
    difference: 0n,
    moving: false,
    ...units,
  };
}
