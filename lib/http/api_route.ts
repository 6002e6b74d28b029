import type { Operation } from "./api/operation.ts";
import type { ApiContext } from "./define.ts";
import { methods } from "./methods.ts";
import { serveCall } from "./serve_call.ts";

/** The handler of one API path: each operation under its method, 405 with `Allow` for the others. */
export function apiRoute(...operations: readonly Operation[]) {
  return methods<ApiContext>(
    Object.fromEntries(
      operations.map((operation) => [
        operation.method,
        (ctx: ApiContext) => serveCall(operation, ctx),
      ]),
    ),
  );
}
