import {
  assertEquals,
  AssertionError,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  assertSpyCall,
  assertSpyCallArg,
  assertSpyCallArgs,
  assertSpyCallAsync,
  assertSpyCalls,
  MockError,
  mockSession,
  mockSessionAsync,
  resolvesNext,
  restore,
  returnsArg,
  returnsArgs,
  returnsNext,
  returnsThis,
  spy,
  stub,
} from "../mock.ts";

class Counter {
  count = 0;
  add(n: number): number {
    this.count += n;
    return this.count;
  }
}

Deno.test("a spy on a function calls it and keeps the calls", () => {
  const double = spy((n: number) => n * 2);
  assertEquals(double(2), 4);
  assertEquals(double(3), 6);
  assertSpyCalls(double, 2);
  assertSpyCall(double, 1, { args: [3], returned: 6 });
});

Deno.test("a spy without a function does nothing and keeps the calls", () => {
  const callback = spy();
  assertEquals(callback("a", 1), undefined);
  assertSpyCall(callback, 0, { args: ["a", 1], returned: undefined });
});

Deno.test("a spy on a method works on its object until it is restored", () => {
  const counter = new Counter();
  const add = spy(counter, "add");
  assertEquals(counter.add(2), 2);
  assertSpyCall(add, 0, { args: [2], self: counter, returned: 2 });
  add.restore();
  counter.add(1);
  assertSpyCalls(add, 1);
  assertEquals(Object.hasOwn(counter, "add"), false);
  assertThrows(() => add.restore(), MockError, "already restored");
});

Deno.test("a stub answers in place of the method", () => {
  const counter = new Counter();
  using add = stub(counter, "add", () => 42);
  assertEquals(counter.add(1), 42);
  assertEquals(counter.count, 0);
  assertSpyCalls(add, 1);
  assertStrictEquals(add.original, Counter.prototype.add);
});

Deno.test("a stub without a function returns nothing", () => {
  const counter = new Counter();
  using _add = stub(counter, "add");
  assertEquals<unknown>(counter.add(1), undefined);
});

Deno.test("a disposed stub puts an object's own method back", () => {
  const original = () => "real";
  const object = { method: original };
  {
    using _method = stub(object, "method", () => "fake");
    assertEquals(object.method(), "fake");
  }
  assertStrictEquals(object.method, original);
});

Deno.test("a method is not mocked twice, and a value not at all", () => {
  const counter = new Counter();
  using _add = spy(counter, "add");
  assertThrows(() => stub(counter, "add"), MockError, "already mocked");
  assertThrows(() => spy(counter, "count"), MockError, "not an instance method");
});

Deno.test("what a spied function throws is kept and thrown on", () => {
  const boom = spy(() => {
    throw new TypeError("boom");
  });
  assertThrows(() => boom(), TypeError);
  assertSpyCall(boom, 0, { error: { Class: TypeError, msgIncludes: "oo" } });
  assertThrows(() => assertSpyCall(boom, 0, { returned: 1 }), AssertionError);
  assertThrows(() => assertSpyCall(boom, 0, { error: { Class: RangeError } }), AssertionError);
});

Deno.test("the spy assertions fail when the calls differ", () => {
  const add = spy((a: number, b: number) => a + b);
  assertThrows(() => assertSpyCalls(add, 1), AssertionError, "there were 0");
  add(1, 2);
  assertThrows(() => assertSpyCall(add, 1), AssertionError);
  assertThrows(() => assertSpyCall(add, 0, { args: [2, 1] }), AssertionError);
  assertThrows(() => assertSpyCall(add, 0, { returned: 4 }), AssertionError);
  assertThrows(() => assertSpyCallArg(add, 0, 1, 3), AssertionError);
});

Deno.test("arguments are asserted one by one, all, or by range", () => {
  const call = spy((..._args: unknown[]) => {});
  call("a", { b: 1 }, 3);
  assertEquals(assertSpyCallArg(call, 0, 1, { b: 1 }), { b: 1 });
  assertEquals(assertSpyCallArgs(call, 0, ["a", { b: 1 }, 3]), ["a", { b: 1 }, 3]);
  assertSpyCallArgs(call, 0, 1, [{ b: 1 }, 3]);
  assertSpyCallArgs(call, 0, 0, 1, ["a"]);
});

Deno.test("assertSpyCallAsync() looks at what the promise settles to", async () => {
  const load = spy((ok: boolean) => ok ? Promise.resolve("x") : Promise.reject(new Error("no")));
  await load(true);
  await load(false).catch(() => {});
  await assertSpyCallAsync(load, 0, { args: [true], returned: "x" });
  await assertSpyCallAsync(load, 1, { error: { msgIncludes: "no" } });
  await assertRejects(() => assertSpyCallAsync(load, 0, { returned: "y" }), AssertionError);
  await assertRejects(() => assertSpyCallAsync(load, 1, { args: [false] }), AssertionError);
});

Deno.test("returnsThis(), returnsArg() and returnsArgs() answer with what they got", () => {
  const object = { self: returnsThis<unknown>() };
  assertStrictEquals(object.self(), object);
  assertEquals(returnsArg<number>(1)(5, 6), 6);
  assertEquals(returnsArgs(1, 3)(1, 2, 3, 4), [2, 3]);
});

Deno.test("returnsNext() gives values in turn, throws errors among them, and ends", () => {
  const next = returnsNext([1, new Error("two"), 3]);
  assertEquals(next(), 1);
  assertThrows(() => next(), Error, "two");
  assertEquals(next(), 3);
  assertThrows(() => next(), MockError, "after 3 calls");
});

Deno.test("resolvesNext() gives promises of values in turn", async () => {
  const next = resolvesNext([1, new Error("two"), Promise.resolve(3)]);
  assertEquals(await next(), 1);
  await assertRejects(() => next(), Error, "two");
  assertEquals(await next(), 3);
  await assertRejects(() => next(), MockError);
});

Deno.test("restore() puts every mocked method back", () => {
  const one = new Counter();
  const two = new Counter();
  stub(one, "add", () => -1);
  stub(two, "add", () => -2);
  restore();
  assertEquals([one.add(1), two.add(1)], [1, 1]);
});

Deno.test("a mock session restores what was mocked in it, and nothing else", async () => {
  const outer = new Counter();
  const inner = new Counter();
  using _outer = stub(outer, "add", () => -1);
  mockSession(() => stub(inner, "add", () => -2))();
  assertEquals([outer.add(1), inner.add(1)], [-1, 1]);
  await mockSessionAsync(async () => {
    stub(inner, "add", () => -2);
    await Promise.resolve();
    assertEquals(inner.add(1), -2);
  })();
  assertEquals(inner.add(1), 2);
});
