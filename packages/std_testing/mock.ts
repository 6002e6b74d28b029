/**
 * The part of `@std/testing/mock` that this repository's tests use, over `sinon`.
 * @module
 */
import sinon from "sinon";

export {
  assertSpyCall,
  assertSpyCallArg,
  assertSpyCallArgs,
  assertSpyCallAsync,
  assertSpyCalls,
  type ExpectedSpyCall,
} from "./spy_assertions.ts";

/** Thrown on wrong use of spies and stubs. */
export class MockError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MockError";
  }
}

/** One call of a spy. */
export interface SpyCall<
  // deno-lint-ignore no-explicit-any
  Self = any,
  // deno-lint-ignore no-explicit-any
  Args extends unknown[] = any[],
  // deno-lint-ignore no-explicit-any
  Return = any,
> {
  args: Args;
  self?: Self;
  returned?: Return;
  error?: Error;
}

/** A function that keeps its calls. */
export interface Spy<
  // deno-lint-ignore no-explicit-any
  Self = any,
  // deno-lint-ignore no-explicit-any
  Args extends unknown[] = any[],
  // deno-lint-ignore no-explicit-any
  Return = any,
> {
  (this: Self, ...args: Args): Return;
  original: (this: Self, ...args: Args) => Return;
  calls: SpyCall<Self, Args, Return>[];
  restored: boolean;
  /** Puts the original method back. */
  restore(): void;
  [Symbol.dispose](): void;
}

/** A spy that answers in place of the original. */
export interface Stub<
  // deno-lint-ignore no-explicit-any
  Self = any,
  // deno-lint-ignore no-explicit-any
  Args extends unknown[] = any[],
  // deno-lint-ignore no-explicit-any
  Return = any,
> extends Spy<Self, Args, Return> {
  fake: (this: Self, ...args: Args) => Return;
}

// deno-lint-ignore no-explicit-any
type Fn = (this: any, ...args: any[]) => any;
type MethodOf<Self, Prop extends keyof Self> = Self[Prop] extends
  (...args: infer Args) => infer Return ? { args: Args; return: Return }
  : { args: unknown[]; return: unknown };

/** Watches a function, or a method in place. */
export function spy(): Spy;
export function spy<Self, Args extends unknown[], Return>(
  func: (this: Self, ...args: Args) => Return,
): Spy<Self, Args, Return>;
export function spy<Self, Prop extends keyof Self>(
  self: Self,
  property: Prop,
): Spy<Self, MethodOf<Self, Prop>["args"], MethodOf<Self, Prop>["return"]>;
export function spy(target?: unknown, property?: PropertyKey): Spy {
  if (typeof target === "object" && target !== null && property !== undefined) {
    const original = methodOf(target, property);
    return wrap(sinon.spy(original), original, { target, property });
  }
  const original: Fn = typeof target === "function" ? target as Fn : () => undefined;
  return wrap(sinon.spy(original), original, null);
}

/** Replaces a method by a function, which does nothing unless one is given. */
export function stub<Self, Prop extends keyof Self>(
  self: Self,
  property: Prop,
  func?: (
    this: Self,
    ...args: MethodOf<Self, Prop>["args"]
  ) => MethodOf<Self, Prop>["return"],
): Stub<Self, MethodOf<Self, Prop>["args"], MethodOf<Self, Prop>["return"]>;
export function stub(target: object, property: PropertyKey, func: Fn = () => undefined): Stub {
  const original = methodOf(target, property);
  const watched = wrap(sinon.spy(func), original, { target, property });
  return Object.assign(watched, { fake: func });
}

interface Place {
  target: object;
  property: PropertyKey;
}

const active = new Set<Spy>();

function wrap(watched: sinon.SinonSpy, original: Fn, place: Place | null): Spy {
  const ownDescriptor = place === null
    ? undefined
    : Object.getOwnPropertyDescriptor(place.target, place.property);
  const result = function (this: unknown, ...args: unknown[]) {
    return watched.apply(this, args);
  };
  const restore = () => {
    if (place === null) throw new MockError("Only a method's spy can be restored");
    if (result.restored) throw new MockError("Instance method already restored");
    if (ownDescriptor === undefined) Reflect.deleteProperty(place.target, place.property);
    else Object.defineProperty(place.target, place.property, ownDescriptor);
    result.restored = true;
    active.delete(result as unknown as Spy);
  };
  const dispose = () => {
    if (place !== null && !result.restored) restore();
  };
  result.original = original;
  result.restored = false;
  result.restore = restore;
  result[Symbol.dispose] = dispose;
  Object.defineProperty(result, "calls", { get: () => watched.getCalls().map(toCall) });
  if (place !== null) {
    Object.defineProperty(place.target, place.property, {
      value: result,
      configurable: true,
      enumerable: ownDescriptor?.enumerable ?? true,
      writable: true,
    });
    active.add(result as unknown as Spy);
  }
  return result as unknown as Spy;
}

function methodOf(target: object, property: PropertyKey): Fn {
  const method: unknown = Reflect.get(target, property);
  if (typeof method !== "function") throw new MockError("Property is not an instance method");
  if ("restored" in method && method.restored === false) {
    throw new MockError("Cannot spy: the method is already mocked");
  }
  return method as Fn;
}

function toCall(call: sinon.SinonSpyCall): SpyCall {
  const result: SpyCall = { args: call.args };
  if (call.thisValue !== undefined) result.self = call.thisValue;
  if (call.exception === undefined) result.returned = call.returnValue;
  else result.error = call.exception;
  return result;
}

/** Puts every method back that is still mocked. */
export function restore(): void {
  for (const mocked of [...active]) mocked.restore();
}

/** Runs a function and restores what it mocked. */
export function mockSession<Self, Args extends unknown[], Return>(
  func: (this: Self, ...args: Args) => Return,
): (this: Self, ...args: Args) => Return {
  return function (this: Self, ...args: Args): Return {
    const before = new Set(active);
    try {
      return func.apply(this, args);
    } finally {
      restoreSince(before);
    }
  };
}

/** As {@linkcode mockSession}, for functions that return promises. */
export function mockSessionAsync<Self, Args extends unknown[], Return>(
  func: (this: Self, ...args: Args) => Promise<Return>,
): (this: Self, ...args: Args) => Promise<Return> {
  return async function (this: Self, ...args: Args): Promise<Return> {
    const before = new Set(active);
    try {
      return await func.apply(this, args);
    } finally {
      restoreSince(before);
    }
  };
}

function restoreSince(before: ReadonlySet<Spy>): void {
  for (const mocked of [...active]) if (!before.has(mocked)) mocked.restore();
}

/** A function that returns its `this`. */
export function returnsThis<Self>(): (this: Self) => Self {
  return function (this: Self): Self {
    return this;
  };
}

/** A function that returns one of its arguments. */
export function returnsArg<Arg>(index: number): (...args: Arg[]) => Arg | undefined {
  return (...args) => args[index];
}

/** A function that returns its arguments, or a range of them. */
export function returnsArgs<Args extends unknown[]>(
  start = 0,
  end?: number,
): (...args: Args) => unknown[] {
  return (...args) => args.slice(start, end);
}

/** A function that returns the next value on every call; an error among them is thrown. */
export function returnsNext<Return>(
  values: Iterable<Return | Error>,
): (...args: unknown[]) => Return {
  const iterator = values[Symbol.iterator]();
  let calls = 0;
  return () => {
    const { value, done } = iterator.next();
    if (done) throw new MockError(`No value left after ${calls} calls`);
    calls++;
    if (value instanceof Error) throw value;
    return value;
  };
}

/** As {@linkcode returnsNext}, with promises of the values. */
export function resolvesNext<Return>(
  values: Iterable<Return | Error | Promise<Return | Error>> | AsyncIterable<Return | Error>,
): (...args: unknown[]) => Promise<Return> {
  const iterator = Symbol.asyncIterator in values
    ? values[Symbol.asyncIterator]()
    : values[Symbol.iterator]();
  let calls = 0;
  return async () => {
    const { value, done } = await iterator.next();
    if (done) throw new MockError(`No value left after ${calls} calls`);
    calls++;
    const settled = await value;
    if (settled instanceof Error) throw settled;
    return settled;
  };
}
