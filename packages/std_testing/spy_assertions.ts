import { assertEquals, AssertionError } from "@std/assert";
import type { Spy, SpyCall } from "./mock.ts";

/** Asserts how often a spy was called. */
export function assertSpyCalls(spy: Spy, expectedCalls: number): void {
  if (spy.calls.length === expectedCalls) return;
  throw new AssertionError(
    `Expected ${expectedCalls} calls of the spy, there were ${spy.calls.length}`,
  );
}

/** What `assertSpyCall` compares; what is left out is not looked at. */
export interface ExpectedSpyCall {
  args?: unknown[];
  self?: unknown;
  returned?: unknown;
  error?: {
    // deno-lint-ignore no-explicit-any
    Class?: abstract new (...args: any[]) => Error;
    msgIncludes?: string;
  };
}

/** Asserts one call of a spy, counted from 0. */
export function assertSpyCall(spy: Spy, callIndex: number, expected?: ExpectedSpyCall): void {
  const call = callAt(spy, callIndex);
  if (expected === undefined) return;
  const at = `call ${callIndex} of the spy`;
  if (expected.args !== undefined) assertEquals(call.args, expected.args, `arguments of ${at}`);
  if ("self" in expected) assertEquals(call.self, expected.self, `"this" of ${at}`);
  if ("returned" in expected) {
    if ("error" in expected) throw new TypeError("Do not expect error and returned of one call");
    if (call.error !== undefined) throw new AssertionError(`${at} threw: ${call.error}`);
    assertEquals(call.returned, expected.returned, `result of ${at}`);
  }
  if (expected.error !== undefined) assertCallError(call.error, expected.error, at);
}

/** As {@linkcode assertSpyCall}, for the settled result of a call that returned a promise. */
export async function assertSpyCallAsync(
  spy: Spy,
  callIndex: number,
  expected?: ExpectedSpyCall,
): Promise<void> {
  const { returned, error, ...rest } = expected ?? {};
  assertSpyCall(spy, callIndex, rest);
  const call = callAt(spy, callIndex);
  const at = `call ${callIndex} of the spy`;
  if (!(call.returned instanceof Promise)) {
    throw new AssertionError(`${at} did not return a promise`);
  }
  const settled = await call.returned.then(
    (value: unknown) => ({ value, error: undefined }),
    (reason: unknown) => ({ value: undefined, error: reason }),
  );
  if (error !== undefined) assertCallError(settled.error, error, at);
  else if (settled.error !== undefined) {
    throw new AssertionError(`${at} rejected: ${settled.error}`);
  }
  if (expected !== undefined && "returned" in expected) {
    assertEquals(settled.value, await returned, `result of ${at}`);
  }
}

/** Asserts one argument of a call and returns it. */
export function assertSpyCallArg(
  spy: Spy,
  callIndex: number,
  argIndex: number,
  expected: unknown,
): unknown {
  const arg = callAt(spy, callIndex).args[argIndex];
  assertEquals(arg, expected, `argument ${argIndex} of call ${callIndex} of the spy`);
  return arg;
}

/** Asserts all arguments of a call, or those of a range, and returns them. */
export function assertSpyCallArgs(
  spy: Spy,
  callIndex: number,
  ...range: [expected: unknown[]] | [start: number, expected: unknown[]] | [
    start: number,
    end: number,
    expected: unknown[],
  ]
): unknown[] {
  const expected = range.at(-1);
  const [start, end] = range.slice(0, -1) as number[];
  const args = callAt(spy, callIndex).args.slice(start ?? 0, end);
  assertEquals<unknown>(args, expected, `arguments of call ${callIndex} of the spy`);
  return args;
}

function callAt(spy: Spy, callIndex: number): SpyCall {
  const call = spy.calls[callIndex];
  if (callIndex < 0 || call === undefined) {
    throw new AssertionError(
      `Expected a call ${callIndex} of the spy, there were ${spy.calls.length}`,
    );
  }
  return call;
}

function assertCallError(
  error: unknown,
  { Class = Error, msgIncludes = "" }: NonNullable<ExpectedSpyCall["error"]>,
  at: string,
): void {
  if (!(error instanceof Class)) {
    throw new AssertionError(`${at} was expected to throw ${Class.name}, it threw ${error}`);
  }
  if (!error.message.includes(msgIncludes)) {
    throw new AssertionError(
      `The error of ${at} was expected to include "${msgIncludes}", it says "${error.message}"`,
    );
  }
}
