/**
 * The part of `@std/assert` that this repository's tests use, thin over `node:assert/strict`.
 * Same names, argument order and `AssertionError` as upstream; see COMPAT.md.
 * @module
 */
import nodeAssert from "node:assert/strict";

/** Thrown by every assertion here; the class of `node:assert`, so reporters know it. */
export class AssertionError extends nodeAssert.AssertionError {
  constructor(message: string, options?: { cause?: unknown }) {
    super({ message });
    this.name = "AssertionError";
    if (options?.cause !== undefined) this.cause = options.cause;
  }
}

// deno-lint-ignore no-explicit-any
type AnyConstructor = abstract new (...args: any[]) => any;

function fail_(detail: string, msg?: string): never {
  throw new AssertionError(msg === undefined ? detail : `${detail}: ${msg}`);
}

function show(value: unknown): string {
  return Deno.inspect(value, { depth: 8, strAbbreviateSize: 2_000, sorted: true });
}

/** Asserts that `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Asserts that `expr` is falsy. */
export function assertFalse(expr: unknown, msg?: string): asserts expr is false {
  if (expr) fail_(`Expected a falsy value, got ${show(expr)}`, msg);
}

/** Deep, strict equality, by value for Map, Set, Date, typed arrays and bigint. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  try {
    nodeAssert.deepStrictEqual(plain(actual), plain(expected));
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new AssertionError(msg === undefined ? text : `${msg}: ${text}`, { cause });
  }
}

/** Asserts that `actual` and `expected` differ deeply. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  let equal = true;
  try {
    nodeAssert.deepStrictEqual(plain(actual), plain(expected));
  } catch {
    equal = false;
  }
  if (equal) fail_(`Expected values to differ, both are ${show(actual)}`, msg);
}

/** `Object.is` equality. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (!Object.is(actual, expected)) {
    fail_(`Expected ${show(expected)} (same value), got ${show(actual)}`, msg);
  }
}

/** Asserts that two values are not the same by `Object.is`. */
export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  if (Object.is(actual, expected)) fail_(`Expected another value than ${show(expected)}`, msg);
}

/** Asserts that a value is neither `null` nor `undefined`. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) fail_(`Expected a value, got ${actual}`, msg);
}

/** Asserts that `actual` contains `expected` as a substring. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) {
    fail_(`Expected ${show(actual)} to include ${show(expected)}`, msg);
  }
}

/** Asserts that `actual` matches the pattern. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) fail_(`Expected ${show(actual)} to match ${expected}`, msg);
}

/** Asserts that `actual` does not match the pattern. */
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) fail_(`Expected ${show(actual)} not to match ${expected}`, msg);
}

/** Asserts that every element of `expected` is (deeply) in `actual`. */
export function assertArrayIncludes<T>(actual: ArrayLike<T>, expected: ArrayLike<T>, msg?: string) {
  const missing = Array.from(expected).filter((want) =>
    !Array.from(actual).some((have) => isEqual(have, want))
  );
  if (missing.length > 0) fail_(`Expected ${show(actual)} to include ${show(missing)}`, msg);
}

/** Asserts that every property of `expected` is in `actual`, recursively. */
export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  assertEquals(pick(actual, expected), expected as unknown, msg);
}

/** Asserts that `actual` is an instance of `expectedType`. */
export function assertInstanceOf<T extends AnyConstructor>(
  actual: unknown,
  expectedType: T,
  msg?: string,
): asserts actual is InstanceType<T> {
  if (!(actual instanceof expectedType)) {
    fail_(`Expected an instance of ${expectedType.name}, got ${show(actual)}`, msg);
  }
}

/** Asserts that `actual` is no instance of `unexpectedType`. */
export function assertNotInstanceOf<A, T>(
  actual: A,
  // deno-lint-ignore no-explicit-any
  unexpectedType: abstract new (...args: any[]) => T,
  msg?: string,
): asserts actual is Exclude<A, T> {
  if (actual instanceof unexpectedType) {
    fail_(`Expected no instance of ${unexpectedType.name}, got ${show(actual)}`, msg);
  }
}

/** Asserts that two numbers differ by at most `tolerance` (default 1e-7 of the expected value). */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance = Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  const delta = Math.abs(expected - actual);
  if (!(delta <= tolerance)) {
    fail_(`Expected ${actual} to be within ${tolerance} of ${expected}, differs by ${delta}`, msg);
  }
}

/** Asserts `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) fail_(`Expected ${show(actual)} > ${show(expected)}`, msg);
}

/** Asserts `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual >= expected)) fail_(`Expected ${show(actual)} >= ${show(expected)}`, msg);
}

/** Asserts `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) fail_(`Expected ${show(actual)} < ${show(expected)}`, msg);
}

/** Asserts `actual <= expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual <= expected)) fail_(`Expected ${show(actual)} <= ${show(expected)}`, msg);
}

/** Asserts that a value is an `Error` of the class and with the text given. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  // deno-lint-ignore no-explicit-any
  ErrorClass?: abstract new (...args: any[]) => E,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) fail_(`Expected an Error, got ${show(error)}`, msg);
  if (ErrorClass && !(error instanceof ErrorClass)) {
    fail_(`Expected ${ErrorClass.name}, got ${error.name} (${error.message})`, msg);
  }
  if (typeof msgMatches === "string" && !error.message.includes(msgMatches)) {
    fail_(`Expected the message to include ${show(msgMatches)}, got ${show(error.message)}`, msg);
  }
  if (msgMatches instanceof RegExp && !msgMatches.test(error.message)) {
    fail_(`Expected the message to match ${msgMatches}, got ${show(error.message)}`, msg);
  }
}

/** Asserts that `fn` throws; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  // deno-lint-ignore no-explicit-any
  ErrorClass: abstract new (...args: any[]) => E,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  ErrorClassOrMsg?: AnyConstructor | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  let threw = false;
  let error: unknown;
  try {
    fn();
  } catch (caught) {
    threw = true;
    error = caught;
  }
  return judgeThrown(threw, error, ErrorClassOrMsg, msgIncludes, msg, "function to throw");
}

/** Asserts that the promise of `fn` rejects; returns what it rejected with. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  // deno-lint-ignore no-explicit-any
  ErrorClass: abstract new (...args: any[]) => E,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  ErrorClassOrMsg?: AnyConstructor | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  let threw = false;
  let error: unknown;
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (cause) {
    throw new AssertionError("Function throws when expected to reject", { cause });
  }
  try {
    await promise;
  } catch (caught) {
    threw = true;
    error = caught;
  }
  return judgeThrown(threw, error, ErrorClassOrMsg, msgIncludes, msg, "promise to reject");
}

/** Fails the test. */
export function fail(msg?: string): never {
  throw new AssertionError(msg ?? "Failed assertion");
}

/** Marks code that must never run. */
export function unreachable(msg?: string): never {
  throw new AssertionError(msg ?? "Unreachable");
}

/** Marks code that is still to be written. */
export function unimplemented(msg?: string): never {
  throw new AssertionError(msg === undefined ? "Unimplemented" : `Unimplemented: ${msg}`);
}

/** Deep equality as `assertEquals` judges it. */
export function equal(a: unknown, b: unknown): boolean {
  return isEqual(a, b);
}

function isEqual(a: unknown, b: unknown): boolean {
  try {
    nodeAssert.deepStrictEqual(plain(a), plain(b));
    return true;
  } catch {
    return false;
  }
}

function judgeThrown(
  threw: boolean,
  error: unknown,
  ErrorClassOrMsg: AnyConstructor | string | undefined,
  msgIncludes: string | undefined,
  msg: string | undefined,
  expectation: string,
): unknown {
  const note = typeof ErrorClassOrMsg === "string" ? ErrorClassOrMsg : msg;
  if (!threw) fail_(`Expected ${expectation}`, note);
  if (typeof ErrorClassOrMsg === "function") {
    assertIsError(error, ErrorClassOrMsg, msgIncludes, msg);
  }
  return error;
}

/** Upstream compares null-prototype records with plain ones by value; node does not. */
function plain(value: unknown): unknown {
  if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === null) {
    return { ...value };
  }
  return value;
}

function pick(actual: unknown, shape: unknown): unknown {
  if (
    shape === null || typeof shape !== "object" || actual === null || typeof actual !== "object"
  ) return actual;
  if (Array.isArray(shape)) {
    if (!Array.isArray(actual)) return actual;
    return shape.map((item, index) => pick(actual[index], item));
  }
  if (Object.getPrototypeOf(shape) !== Object.prototype) return actual;
  const out: Record<PropertyKey, unknown> = {};
  for (const key of Reflect.ownKeys(shape)) {
    if (key in actual) {
      out[key] = pick(Reflect.get(actual, key), Reflect.get(shape, key));
    }
  }
  return out;
}
