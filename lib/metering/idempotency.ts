import { invariant } from "@/lib/domain/invariant.ts";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import { DAY_MS } from "@/lib/domain/window.ts";
import type { TenantId } from "@/lib/domain/tenant.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { IdempotencyStore } from "@/lib/ports/idempotency.ts";
import type { StoredReply } from "@/lib/ports/usage.ts";

/** How long a reply can be replayed. After it, the same key is a new request. */
export const REPLY_LIFE_MS = DAY_MS;
/** Characters of a reply that can be kept; a longer one can't be replayed. */
export const REPLY_CHARS_MAX = 170_000;
const KEY_PATTERN = /^[\x21-\x7e]{1,255}$/;

export interface IdempotentRequest {
  readonly tenantId: TenantId;
  readonly idempotencyKey: string;
  /** Hex SHA-256 over method, path and body. */
  readonly requestHash: string;
}

export interface IdempotencyRefusal extends Refusal {
  readonly code: "idempotency_key_invalid" | "idempotency_key_reused";
}

export type IdempotencyDecision =
  /** Answer with this; nothing is executed and nothing is billed. */
  | { readonly kind: "replay"; readonly reply: StoredReply }
  /** Execute, record with `reply` and `replaces`, then `finish`: exactly once, whatever happens. */
  | {
    readonly kind: "execute";
    readonly expiresAtMs: number;
    readonly replaces: string | null;
    /** The reply as recorded, or `null` when nothing was. */
    readonly finish: (reply: StoredReply | null) => void;
  };

interface Execution {
  readonly requestHash: string;
  readonly done: Promise<StoredReply | null>;
}

/**
 * One execution per idempotency key: a repeated request gets the stored reply, and duplicates that
 * arrive together on one instance share one execution. Two instances may both execute; the commit
 * that writes reply and units decides which one counts, and the other replays it.
 */
export class Idempotency {
  readonly #running = new Map<string, Execution>();

  constructor(private readonly deps: { readonly store: IdempotencyStore; readonly clock: Clock }) {}

  async begin(
    request: IdempotentRequest,
  ): Promise<Result<IdempotencyDecision, IdempotencyRefusal>> {
    const { tenantId, idempotencyKey, requestHash } = request;
    const valid = checkIdempotencyKey(idempotencyKey);
    if (!valid.ok) return valid;
    const id = JSON.stringify([tenantId, idempotencyKey]);
    for (;;) {
      const running = this.#running.get(id);
      if (running === undefined) break;
      if (running.requestHash !== requestHash) return refuse(reused());
      const reply = await running.done;
      if (reply !== null) return accept({ kind: "replay", reply });
    }
    const { finish, execution } = newExecution(requestHash);
    this.#running.set(id, execution);
    const end = (reply: StoredReply | null) => {
      invariant(this.#running.get(id) === execution, "An execution finishes once");
      this.#running.delete(id);
      finish(reply);
    };
    try {
      const found = await this.deps.store.find(request);
      const nowMs = this.deps.clock.nowMs();
      if (found !== null && found.value.expiresAtMs > nowMs) {
        end(found.value);
        if (found.value.requestHash !== requestHash) return refuse(reused());
        return accept({ kind: "replay", reply: found.value });
      }
      const expiresAtMs = nowMs + REPLY_LIFE_MS;
      const replaces = found?.versionstamp ?? null;
      return accept({ kind: "execute", expiresAtMs, replaces, finish: end });
    } catch (error) {
      end(null);
      throw error;
    }
  }
}

export function checkIdempotencyKey(text: string): Result<"valid", IdempotencyRefusal> {
  if (KEY_PATTERN.test(text)) return accept("valid");
  const detail = "An Idempotency-Key is 1 to 255 visible ASCII characters";
  return refuse({ code: "idempotency_key_invalid", detail });
}

/** What to answer when the commit says that the key was taken meanwhile. */
export function replayOrRefuse(
  reply: StoredReply,
  { requestHash }: Pick<IdempotentRequest, "requestHash">,
): Result<StoredReply, IdempotencyRefusal> {
  return reply.requestHash === requestHash ? accept(reply) : refuse(reused());
}

function reused(): IdempotencyRefusal {
  return {
    code: "idempotency_key_reused",
    detail: "This Idempotency-Key was used for another request; use a new key for a new request",
  };
}

function newExecution(requestHash: string) {
  const { promise, resolve } = Promise.withResolvers<StoredReply | null>();
  return { finish: resolve, execution: { requestHash, done: promise } };
}
