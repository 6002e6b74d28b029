/** Thrown where the program, not its input, is wrong. It ends the request, never the process. */
export class InvariantError extends Error {
  override name = "InvariantError";
}

/** Asserts what must hold at this line whatever the input was; left on in production. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Makes a `switch` over a closed union exhaustive for the compiler, and loud at run time. */
export function assertNever(value: never): never {
  throw new InvariantError(`Unexpected value ${JSON.stringify(value)}`);
}
