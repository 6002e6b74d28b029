import type { Refusal } from "@/lib/domain/result.ts";
import { NotActing } from "@/lib/ports/acting.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";

/** What a thrown error may say to the outside: never its message, unless it was meant for it. */
export function refusalOfError(error: unknown): Refusal & { readonly retryAfterSeconds?: number } {
  if (error instanceof StorageUnavailable) {
    const detail = "The database did not answer in time; try again";
    return { code: "unavailable", detail, retryAfterSeconds: 1 };
  }
  if (error instanceof NotActing) return { code: error.code, detail: error.message };
  const status = statusOf(error);
  if (status !== null && status < 500) return refusalOfStatus(status);
  return { code: "internal_error", detail: "This is our fault; quote the request id to support" };
}

/** For plain answers of the framework. */
export function refusalOfStatus(status: number): Refusal {
  switch (status) {
    case 404:
      return { code: "not_found", detail: "There is nothing at this path" };
    case 405:
      return { code: "method_not_allowed", detail: "See the Allow header for what is supported" };
    case 503:
      return { code: "unavailable", detail: "Try again in a moment" };
    default:
      return status >= 500
        ? { code: "internal_error", detail: "This is our fault; quote the request id to support" }
        : { code: "bad_request", detail: "The request can't be understood" };
  }
}

/** Fresh's `HttpError`, of whichever copy of the package. */
export function statusOf(error: unknown): number | null {
  if (!(error instanceof Error) || error.name !== "HttpError" || !("status" in error)) return null;
  return typeof error.status === "number" ? error.status : null;
}
