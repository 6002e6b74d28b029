import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { z } from "zod";
import { RATING_PARTS } from "@/lib/domain/rating/rating_parts.ts";
import { parseBody } from "@/lib/rating/parse_body.ts";
import { plainRequest } from "@/lib/rating/plain_request.ts";
import * as schemas from "@/lib/rating/schemas.ts";

function pointers(schema: z.ZodType, body: unknown): (string | undefined)[] {
  const parsed = parseBody(schema, body);
  assert(!parsed.ok);
  return (parsed.error.errors ?? []).map((error) => error.pointer);
}

Deno.test("each error points at its place in the body (RFC 6901)", () => {
  const schema = z.strictObject({ "a/b": z.strictObject({ "c~d": z.number() }) });
  assertEquals(pointers(schema, { "a/b": { "c~d": "x" } }), ["/a~1b/c~0d"]);
  assertEquals(pointers(schema, { "a/b": { "c~d": 1, more: 1 } }), ["/a~1b/more"]);
});

Deno.test("in a choice of forms the errors are those of the form that came nearest", () => {
  const { RatingRequestSchema } = schemas;
  const bond = { coupon_rate: 2, coupon_frequency: 2, day_count: "act_360", maturity_date: "x" };
  assertEquals(pointers(RatingRequestSchema, { instrument: { bond } }), [
    "/instrument/bond/coupon_rate",
    "/instrument/bond/maturity_date",
  ]);
  assertEquals(pointers(RatingRequestSchema, { instrument: { colour: 1 } }), [
    "/instrument/colour",
  ]);
  assertEquals(pointers(RatingRequestSchema, {}), ["/instrument"]);
});

Deno.test("no more errors are listed than anyone would read", () => {
  const items = Array.from({ length: 500 }, () => ({ type: "isin", value: "" }));
  assertEquals(pointers(schemas.IdentifiersSchema, { identifiers: items }).length, 20);
});

Deno.test("every request schema has a JSON Schema for the API description", () => {
  const found = Object.entries(schemas).filter(([name]) => name.endsWith("Schema"));
  assert(found.length > 10);
  for (const [name, schema] of found) {
    assert(schema instanceof z.ZodType, name);
    assertEquals(typeof z.toJSONSchema(schema), "object", name);
  }
});

Deno.test("a plain request is read as the schema reads it, and nothing else passes for one", () => {
  const part = fc.constantFrom<unknown>(...RATING_PARTS, "all", "", 1, null);
  const instrument = fc.oneof<fc.Arbitrary<unknown>[]>(
    fc.string({ unit: fc.constantFrom("A", "9", "*", "@", "-", "."), maxLength: 34 }),
    fc.constantFrom<unknown>("US0378331005", "a b", "é", "x\n", "", 7, null, {}, []),
  );
  const include = fc.oneof<fc.Arbitrary<unknown>[]>(
    fc.array(part, { maxLength: 8 }),
    fc.array(fc.constantFrom(...RATING_PARTS), { maxLength: 7 }),
    fc.constantFrom<unknown>("risk_score", null, { 0: "greeks" }),
  );
  const member = fc.record({ instrument, include, as_of: fc.constant("2026-05-01T00:00:00Z") }, {
    requiredKeys: [],
  });
  const good = fc.record({
    instrument: fc.constantFrom("US0378331005", "BENCH-1", "*@#._-"),
    include: fc.array(fc.constantFrom(...RATING_PARTS), { minLength: 1, maxLength: 6 }),
  }, { requiredKeys: ["instrument"] });
  const seen = { plain: 0, other: 0 };
  fc.assert(
    fc.property(fc.oneof(good, member, fc.constantFrom<unknown>(null, [], "x")), (body) => {
      const plain = plainRequest(body);
      const parsed = schemas.RatingRequestSchema.safeParse(body);
      seen[plain === null ? "other" : "plain"] += 1;
      if (plain !== null) assertEquals(parsed, { success: true, data: plain });
    }),
    { seed: 11, numRuns: 3_000 },
  );
  assert(seen.plain > 100 && seen.other > 100, JSON.stringify(seen));
  assertEquals(plainRequest({ instrument: "A", include: ["greeks"] }), {
    instrument: "A",
    include: ["greeks"],
  });
});
