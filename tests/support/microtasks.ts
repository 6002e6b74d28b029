/**
 * Runs every promise reaction that can run before it returns. The engine does the same at the end of
 * each turn of the event loop, at eight times the cost. Call it from a turn, never from a reaction.
 * `null` where the runtime does not offer it: then turns have to do.
 */
export const drainMicrotasks: (() => void) | null = findDrain();

function findDrain(): (() => void) | null {
  const internal = field(Deno, "internal");
  if (typeof internal !== "symbol") return null;
  const core = field(field(Deno, internal), "core");
  const run = field(core, "runMicrotasks");
  return typeof run === "function" ? () => void Reflect.apply(run, core, []) : null;
}

function field(of: unknown, name: PropertyKey): unknown {
  return typeof of === "object" && of !== null ? Reflect.get(of, name) : undefined;
}
