import { assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { computed, type Signal, signal } from "@preact/signals";
import { h } from "preact";
import { parse } from "../src/jsonify/parse.ts";
import { stringify } from "../src/jsonify/stringify.ts";

function roundTrip<T>(value: T): T {
  return parse<T>(stringify(value), { signal, computed });
}

const VALUES: [string, unknown][] = [
  ["null", null],
  ["undefined", undefined],
  ["booleans", [true, false]],
  ["numbers", [0, 1.5, -2, NaN, Infinity, -Infinity]],
  ["bigints", [0n, -12345678901234567890n]],
  ["strings", ["", 'a"b\\c', "</script>", "\u2028", "😀"]],
  ["nested objects", { a: { b: [{ c: 1 }] }, d: undefined, e: null }],
  ["dates", new Date("2026-01-02T03:04:05.678Z")],
  ["URLs", new URL("https://example.com/a?b#c")],
  ["regular expressions", /a\/b/giu],
  ["sets", new Set([1, "a", null])],
  ["maps", new Map<unknown, unknown>([["a", 1], [{ k: 1 }, new Set([1])]])],
  ["byte arrays", new Uint8Array([0, 127, 255])],
];

for (const [name, value] of VALUES) {
  Deno.test(`${name} arrive as they were`, () => assertEquals(roundTrip(value), value));
}

Deno.test("negative zero stays negative", () => {
  assertStrictEquals(roundTrip(-0), -0);
});

Deno.test("an invalid date stays invalid", () => {
  assertEquals(Number.isNaN(roundTrip(new Date(NaN)).getTime()), true);
});

Deno.test("holes of arrays stay holes", () => {
  // deno-lint-ignore no-sparse-arrays
  const holed = roundTrip([1, , 3]);
  assertEquals([holed.length, 1 in holed, holed[2]], [3, false, 3]);
});

Deno.test("shared references stay shared", () => {
  const shared = { a: 1 };
  const copy = roundTrip({ x: shared, y: [shared] });
  assertStrictEquals(copy.x, copy.y[0]);
});

Deno.test("cycles stay cycles", () => {
  const value: Record<string, unknown> = { list: [], map: new Map() };
  value.self = value;
  (value.list as unknown[]).push(value);
  (value.map as Map<string, unknown>).set("me", value);
  const copy = roundTrip(value);
  assertStrictEquals(copy.self, copy);
  assertStrictEquals((copy.list as unknown[])[0], copy);
  assertStrictEquals((copy.map as Map<string, unknown>).get("me"), copy);
});

Deno.test("a signal stays one signal wherever it is used", () => {
  const count = signal(3);
  const copy = roundTrip({ a: { count }, b: { count } });
  copy.a.count.value = 4;
  assertEquals(copy.b.count.value, 4);
});

Deno.test("a signal can hold signals, and itself", () => {
  const inner = signal("x");
  const outer: Signal<unknown> = signal({ inner });
  const self: Signal<unknown> = signal(null);
  self.value = { self };
  const copy = roundTrip({ outer, self }) as unknown as {
    outer: Signal<{ inner: Signal<string> }>;
    self: Signal<{ self: unknown }>;
  };
  assertEquals(copy.outer.value.inner.value, "x");
  assertStrictEquals(copy.self.value.self, copy.self);
});

Deno.test("a computed signal arrives with its value, read only", () => {
  const copy = roundTrip(computed(() => 42));
  assertEquals(copy.value, 42);
  assertEquals(Reflect.set(copy, "value", 1), false);
});

Deno.test("a class instance arrives as a plain object of its own properties", () => {
  class Point {
    x = 1;
    get double() {
      return 2;
    }
  }
  assertEquals(roundTrip<unknown>(new Point()), { x: 1 });
});

Deno.test("a key named __proto__ does not change the prototype", () => {
  const copy = roundTrip(JSON.parse('{"__proto__":{"evil":true}}'));
  assertStrictEquals(Object.getPrototypeOf(copy), Object.prototype);
  assertEquals(copy.evil, undefined);
  assertEquals(Object.keys(copy), ["__proto__"]);
});

const REFUSED: [string, unknown, string][] = [
  ["a function", { onClick: () => {} }, "props.onClick is a function"],
  ["a symbol", [Symbol("x")], "props[0] is a symbol"],
  ["JSX", { a: { children: h("p", null) } }, "props.a.children is JSX"],
];

for (const [name, value, sentence] of REFUSED) {
  Deno.test(`${name} is refused with its place`, () => {
    assertStringIncludes(assertThrows(() => stringify(value), TypeError).message, sentence);
  });
}

Deno.test("Temporal values are written by their type and text", () => {
  const instant = {
    [Symbol.toStringTag]: "Temporal.Instant",
    toString: () => "2026-01-01T00:00:00Z",
  };
  assertEquals(stringify(instant), '[["Temporal.Instant","2026-01-01T00:00:00Z"]]');
});
