import { assert, assertEquals } from "@std/assert";
import { z } from "zod";
import { parseBody } from "@/lib/rating/parse_body.ts";
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
