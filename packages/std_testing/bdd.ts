/**
 * The part of `@std/testing/bdd` that this repository's tests use, over `Deno.test` and its steps.
 * @module
 */

/** A test or hook; `this` is the suite's context, which inner suites inherit. */
export type TestFn<T> = (this: T, t: Deno.TestContext) => void | Promise<void>;
export type HookFn<T> = (this: T) => void | Promise<void>;

/** Options of a suite or test; those of `Deno.test`, where they apply. */
export interface DescribeOptions
  extends Partial<Omit<Deno.TestDefinition, "fn" | "name" | "ignore" | "only">> {
  name?: string;
  ignore?: boolean;
  only?: boolean;
  fn?: () => void;
}

export interface ItOptions<T> extends Omit<DescribeOptions, "fn"> {
  fn?: TestFn<T>;
}

type Context = Record<PropertyKey, unknown>;
type Hooks = Record<"beforeAll" | "afterAll" | "beforeEach" | "afterEach", HookFn<Context>[]>;

interface Node {
  name: string;
  options: DescribeOptions;
  ignore: boolean;
  only: boolean;
}
interface Suite extends Node {
  kind: "suite";
  hooks: Hooks;
  children: (Suite | Test)[];
}
interface Test extends Node {
  kind: "test";
  fn: TestFn<Context>;
}

type Mark = "ignore" | "only" | undefined;

// The types of a suite's context are the caller's claim, as in upstream.
// deno-lint-ignore no-explicit-any
type Any = any;

interface Describe {
  (name: string, fn: () => void): void;
  (name: string, options: DescribeOptions, fn: () => void): void;
  (options: DescribeOptions, fn?: () => void): void;
}

interface It {
  <T = Any>(name: string, fn: TestFn<T>): void;
  <T = Any>(name: string, options: ItOptions<T>, fn: TestFn<T>): void;
  <T = Any>(options: ItOptions<T>, fn?: TestFn<T>): void;
}

type Marked<F> = F & { only: F; ignore: F; skip: F; todo: F };

/** Groups tests; hooks and `this` apply to everything inside. */
export const describe: Marked<Describe> = marked((mark) => (...args: Any[]) => {
  const { name, options, fn } = readArgs<() => void>(args);
  const suite: Suite = {
    ...nodeOf(name, options, mark),
    kind: "suite",
    hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] },
    children: [],
  };
  const outer = current;
  current = suite;
  try {
    fn?.();
  } finally {
    current = outer;
  }
  register(suite);
});

/** Registers a test. */
export const it: Marked<It> = marked((mark) => (...args: Any[]) => {
  const { name, options, fn } = readArgs<TestFn<Context>>(args);
  const node = nodeOf(name, options, fn === undefined ? "ignore" : mark);
  register({ ...node, kind: "test", fn: fn ?? (() => {}) });
});

/** Another name of {@linkcode it}. */
export const test: Marked<It> = it;

/** Runs once before the tests of the suite. */
export function beforeAll<T = Any>(fn: HookFn<T>): void {
  addHook("beforeAll", fn);
}

/** Runs once after the tests of the suite, also if one failed. */
export function afterAll<T = Any>(fn: HookFn<T>): void {
  addHook("afterAll", fn);
}

/** Runs before every test of the suite and of those inside it. */
export function beforeEach<T = Any>(fn: HookFn<T>): void {
  addHook("beforeEach", fn);
}

/** Runs after every test of the suite and of those inside it, also if it failed. */
export function afterEach<T = Any>(fn: HookFn<T>): void {
  addHook("afterEach", fn);
}

/** Another name of {@linkcode beforeAll}. */
export const before: typeof beforeAll = beforeAll;
/** Another name of {@linkcode afterAll}. */
export const after: typeof afterAll = afterAll;

let current: Suite | null = null;

function marked<F>(make: (mark: Mark) => F): Marked<F> {
  const ignored = make("ignore");
  const variants = { only: make("only"), ignore: ignored, skip: ignored, todo: ignored };
  return Object.assign(make(undefined) as object, variants) as Marked<F>;
}

function readArgs<Fn>(
  args: unknown[],
): { name: string; options: DescribeOptions; fn: Fn | undefined } {
  const named = typeof args[0] === "string" ? args.shift() as string : undefined;
  const options = typeof args[0] === "object" ? args.shift() as DescribeOptions : {};
  const fn = (args.shift() ?? options.fn) as Fn | undefined;
  return { name: named ?? options.name ?? "", options, fn };
}

function nodeOf(name: string, options: DescribeOptions, mark: Mark): Node {
  return {
    name,
    options,
    ignore: mark === "ignore" || options.ignore === true,
    only: mark === "only" || options.only === true,
  };
}

function addHook(kind: keyof Hooks, fn: HookFn<Any>): void {
  if (current === null) throw new Error(`${kind}() must be called inside describe()`);
  current.hooks[kind].push(fn);
}

function register(node: Suite | Test): void {
  if (current !== null) {
    current.children.push(node);
    return;
  }
  const { name: _name, fn: _fn, ...options } = node.options;
  Deno.test({
    ...options,
    name: node.name,
    ignore: node.ignore,
    only: node.only || hasOnly(node),
    fn: (t) => node.kind === "test" ? runTest(node, t, []) : runSuite(node, t, []),
  });
}

/** A suite that runs, with the context that its tests see as `this`. */
interface Running {
  suite: Suite;
  context: Context;
}

async function runSuite(suite: Suite, t: Deno.TestContext, outer: Running[]): Promise<void> {
  const context: Context = Object.create(outer.at(-1)?.context ?? null);
  const lineage = [...outer, { suite, context }];
  const selective = suite.children.some(hasOnly);
  try {
    for (const hook of suite.hooks.beforeAll) await hook.call(context);
    for (const child of suite.children) {
      await t.step({
        name: child.name,
        ignore: child.ignore || (selective && !hasOnly(child)),
        fn: (step) =>
          child.kind === "test" ? runTest(child, step, lineage) : runSuite(child, step, lineage),
      });
    }
  } finally {
    for (const hook of suite.hooks.afterAll) await hook.call(context);
  }
}

async function runTest(test: Test, t: Deno.TestContext, lineage: Running[]): Promise<void> {
  const context: Context = Object.create(lineage.at(-1)?.context ?? null);
  try {
    for (const { suite } of lineage) {
      for (const hook of suite.hooks.beforeEach) await hook.call(context);
    }
    await test.fn.call(context, t);
  } finally {
    for (const { suite } of lineage.toReversed()) {
      for (const hook of suite.hooks.afterEach) await hook.call(context);
    }
  }
}

function hasOnly(node: Suite | Test): boolean {
  return node.only || (node.kind === "suite" && node.children.some(hasOnly));
}
