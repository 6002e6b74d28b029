import { assertEquals } from "@std/assert";
import { quoteView } from "@/lib/domain/rating/quote.ts";
import { hashInputs, hashJson } from "@/lib/rating/input_hash.ts";
import { AS_OF_MS } from "@/tests/support/rating_samples.ts";

/** Shows what would be hashed. */
const plain = (data: string | Uint8Array) => String(data);

Deno.test("the input hash is that of all inputs in canonical JSON, so that anyone can make it again", () => {
  const quote = {
    bid: "62.54",
    ask: null,
    last: "62.56",
    volume: 1_000,
    timestampMs: AS_OF_MS,
    source: 'upstream:"é"',
  };
  const asOf = new Date(AS_OF_MS).toISOString();
  const parameters = { horizon_days: 10, policy: { sri_max: 5 }, confidence: .95 };
  for (const view of [null, quoteView(quote)]) {
    for (const some of [null, "ab12"]) {
      const inputs = {
        asOf,
        engineVersion: "1.0.0",
        include: new Set(["risk_score", "greeks"]),
        subject: "cd34",
        history: some,
        benchmark: some,
        quote: view,
        underlying: view === null ? quoteView(quote) : null,
        parameters: some === null ? null : parameters,
      };
      const whole = {
        underlying: view === null ? quote : null,
        subject: "cd34",
        quote: view === null ? null : quote,
        parameters: inputs.parameters,
        include: ["greeks", "risk_score"],
        history: some,
        engine_version: "1.0.0",
        benchmark: some,
        as_of: asOf,
      };
      // Twice, since the text of a quote is kept.
      assertEquals(hashInputs(plain, inputs), hashJson(plain, whole));
      assertEquals(hashInputs(plain, inputs), hashJson(plain, whole));
    }
  }
});
