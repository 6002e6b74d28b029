import nodeAssert from "node:assert/strict";
import * as asserts from "../mod.ts";
import { AssertionError } from "../mod.ts";

// The assertions are judged here by `node:assert`, not by themselves.
function passes(fn: () => unknown): void {
  nodeAssert.doesNotThrow(fn);
}

function fails(fn: () => unknown, text: RegExp = /./): void {
  nodeAssert.throws(fn, (error) => error instanceof AssertionError && text.test(error.message));
}

Deno.test("assert() and assertFalse() judge truthiness", () => {
  passes(() => asserts.assert(1));
  fails(() => asserts.assert(0, "zero"), /zero/);
  passes(() => asserts.assertFalse(""));
  fails(() => asserts.assertFalse(1));
});

Deno.test("assertEquals() compares deeply and strictly", () => {
  const value = () => ({
    a: [1n, new Map([["k", new Set([1])]])],
    d: new Date(5),
    u: new Uint8Array([1]),
  });
  passes(() => asserts.assertEquals(value(), value()));
  passes(() => asserts.assertEquals(NaN, NaN));
  fails(() => asserts.assertEquals<unknown>(1, "1"));
  fails(() => asserts.assertEquals<unknown>({ a: 1 }, { a: 1, b: undefined }));
  fails(() => asserts.assertEquals<unknown>([1, 2], [2, 1], "order"), /order/);
});

Deno.test("assertEquals() does not mind a missing prototype", () => {
  passes(() => asserts.assertEquals(Object.assign(Object.create(null), { a: 1 }), { a: 1 }));
});

Deno.test("assertNotEquals() and equal() agree with assertEquals()", () => {
  passes(() => asserts.assertNotEquals({ a: 1 }, { a: 2 }));
  fails(() => asserts.assertNotEquals({ a: 1 }, { a: 1 }));
  nodeAssert.equal(asserts.equal([1], [1]), true);
  nodeAssert.equal(asserts.equal([1], [2]), false);
});

Deno.test("assertStrictEquals() tells -0 from 0 and one object from its equal", () => {
  passes(() => asserts.assertStrictEquals(NaN, NaN));
  fails(() => asserts.assertStrictEquals(-0, 0));
  fails(() => asserts.assertStrictEquals({}, {}));
  passes(() => asserts.assertNotStrictEquals({}, {}));
  fails(() => asserts.assertNotStrictEquals(1, 1));
});

Deno.test("assertExists() refuses null and undefined only", () => {
  for (const value of [0, "", false, NaN]) passes(() => asserts.assertExists(value));
  for (const value of [null, undefined]) fails(() => asserts.assertExists(value));
});

Deno.test("assertStringIncludes(), assertMatch() and assertNotMatch() look into strings", () => {
  passes(() => asserts.assertStringIncludes("abc", "b"));
  fails(() => asserts.assertStringIncludes("abc", "x"), /"abc"/);
  passes(() => asserts.assertMatch("abc", /b/));
  fails(() => asserts.assertMatch("abc", /x/));
  passes(() => asserts.assertNotMatch("abc", /x/));
  fails(() => asserts.assertNotMatch("abc", /b/));
});

Deno.test("assertArrayIncludes() finds equal elements, in any order", () => {
  passes(() => asserts.assertArrayIncludes([{ a: 1 }, 2, 3], [3, { a: 1 }]));
  fails(() => asserts.assertArrayIncludes([1], [1, 2]), /2/);
});

Deno.test("assertObjectMatch() looks at the properties that are expected", () => {
  passes(() =>
    asserts.assertObjectMatch({ a: 1, b: { c: 2, d: [{ e: 3, f: 4 }] } }, { b: { d: [{ e: 3 }] } })
  );
  fails(() => asserts.assertObjectMatch({ a: 1 }, { a: 2 }));
  fails(() => asserts.assertObjectMatch({ a: 1 }, { b: 1 }));
});

Deno.test("assertInstanceOf() and assertNotInstanceOf() judge classes", () => {
  passes(() => asserts.assertInstanceOf(new TypeError(), Error));
  fails(() => asserts.assertInstanceOf({}, Error), /Error/);
  passes(() => asserts.assertNotInstanceOf({}, Error));
  fails(() => asserts.assertNotInstanceOf(new TypeError(), Error));
});

Deno.test("the comparisons order numbers, dates and bigints", () => {
  passes(() => asserts.assertGreater(2, 1));
  fails(() => asserts.assertGreater(1, 1));
  passes(() => asserts.assertGreaterOrEqual(1n, 1n));
  fails(() => asserts.assertGreaterOrEqual(0n, 1n));
  passes(() => asserts.assertLess(new Date(1), new Date(2)));
  fails(() => asserts.assertLess(2, 1));
  passes(() => asserts.assertLessOrEqual(1, 1));
  fails(() => asserts.assertLessOrEqual(2, 1));
});

Deno.test("assertAlmostEquals() allows a relative error of 1e-7, or the one given", () => {
  passes(() => asserts.assertAlmostEquals(1, 1 + 1e-8));
  fails(() => asserts.assertAlmostEquals(1, 1 + 1e-6));
  passes(() => asserts.assertAlmostEquals(1, 1.05, 0.1));
  passes(() => asserts.assertAlmostEquals(Infinity, Infinity));
  fails(() => asserts.assertAlmostEquals(NaN, 1));
});

Deno.test("assertThrows() returns the error and judges its class and message", () => {
  const boom = () => {
    throw new TypeError("boom");
  };
  nodeAssert.equal(asserts.assertThrows(boom, TypeError, "oo").message, "boom");
  fails(() => asserts.assertThrows(boom, RangeError));
  fails(() => asserts.assertThrows(boom, TypeError, "bang"));
  fails(() => asserts.assertThrows(() => 1, "expected"), /expected/);
});

Deno.test("assertRejects() judges rejections, and refuses functions that throw", async () => {
  const rejecting = () => Promise.reject(new TypeError("boom"));
  const error = await asserts.assertRejects(rejecting, TypeError, "boom");
  nodeAssert.equal(error.message, "boom");
  await nodeAssert.rejects(asserts.assertRejects(() => Promise.resolve()), AssertionError);
  await nodeAssert.rejects(asserts.assertRejects(rejecting, RangeError), AssertionError);
  await nodeAssert.rejects(
    asserts.assertRejects(() => {
      throw new Error();
    }),
    AssertionError,
  );
});

Deno.test("assertIsError() judges class and message", () => {
  passes(() => asserts.assertIsError(new RangeError("off"), RangeError, /^off$/));
  fails(() => asserts.assertIsError("off"));
  fails(() => asserts.assertIsError(new RangeError("off"), TypeError));
  fails(() => asserts.assertIsError(new RangeError("off"), RangeError, "on"));
});

Deno.test("fail(), unreachable() and unimplemented() throw AssertionErrors", () => {
  fails(() => asserts.fail("why"), /why/);
  fails(() => asserts.unreachable(), /Unreachable/);
  fails(() => asserts.unimplemented("later"), /later/);
});

Deno.test("an AssertionError has its name, message and cause", () => {
  const cause = new Error("inner");
  const error = new AssertionError("outer", { cause });
  nodeAssert.deepEqual([error.name, error.message, error.cause], [
    "AssertionError",
    "outer",
    cause,
  ]);
  nodeAssert.ok(error instanceof nodeAssert.AssertionError);
});
