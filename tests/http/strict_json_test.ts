import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseStrictJson } from "@/lib/http/strict_json.ts";

const SEED = 20261124;

function codeOf(text: string, limits?: Parameters<typeof parseStrictJson>[1]): string {
  const result = parseStrictJson(text, limits);
  return result.ok ? "ok" : result.error.code;
}

Deno.test("whatever JSON.stringify writes is read back the same", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 1, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      if (text.includes("__proto__")) return;
      assertEquals(parseStrictJson(text), { ok: true, value: JSON.parse(text) });
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});

Deno.test("writing any key of any object twice is refused", () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1, maxKeys: 5 });
  fc.assert(
    fc.property(object, fc.nat(), fc.boolean(), (value, pick, nested) => {
      const keys = Object.keys(value);
      const key = keys[pick % keys.length];
      if (key === undefined || JSON.stringify(value).includes("__proto__")) return;
      const doubled = `${JSON.stringify(value).slice(0, -1)} , ${JSON.stringify(key)}\n:0}`;
      assertEquals(codeOf(nested ? `[{"x":[${doubled}]}]` : doubled), "duplicate_json_key");
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});

Deno.test("keys that differ only in how they are escaped are the same key", () => {
  assertEquals(codeOf('{"a":1,"\\u0061":2}'), "duplicate_json_key");
  assertEquals(codeOf('{"a\\"b":1,"a\\u0022b":2}'), "duplicate_json_key");
  assertEquals(codeOf('{"a":1,"A":2}'), "ok");
});

Deno.test("colons, quotes and braces inside of strings are no keys", () => {
  for (
    const text of ['{"a":"b\\":"}', '[":",":"]', '{"a:":":","b":"{\\"a\\":1}"}', '"\\\\"', '{"":0}']
  ) {
    assertEquals(codeOf(text), "ok", text);
  }
});

Deno.test("the refusal of a duplicate names the key", () => {
  const result = parseStrictJson('{"a":{"x":1},"b":{"x":2,"y":"x","x":3}}');
  assertEquals(result.ok ? "" : result.error.detail, 'An object has the key "x" more than once');
});

Deno.test("__proto__ is refused at any depth and in any spelling, other names pass", () => {
  for (
    const text of ['{"__proto__":{"a":1}}', '[{"b":{"__proto__":1}}]', '{"\\u005f_proto__":1}']
  ) {
    assertEquals(codeOf(text), "forbidden_json_key");
  }
  assertEquals(codeOf('{"constructor":1,"prototype":2,"toString":3,"hasOwnProperty":4}'), "ok");
});

Deno.test("depth and number of keys are bounded, and a hundred thousand brackets do no harm", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assertEquals([codeOf(nested(32)), codeOf(nested(33))], ["ok", "json_too_deep"]);
  const deep = codeOf(nested(100_000));
  assertEquals(["json_too_deep", "malformed_json"].includes(deep), true);
  const keys = (count: number) =>
    `{${Array.from({ length: count }, (_, index) => `"k${index}":0`).join(",")}}`;
  const limits = { maxDepth: 4, maxKeys: 100 };
  assertEquals([codeOf(keys(100), limits), codeOf(keys(101), limits)], [
    "ok",
    "json_too_many_keys",
  ]);
  assertEquals(codeOf(`[${Array(60).fill(keys(2)).join(",")}]`, limits), "json_too_many_keys");
});
