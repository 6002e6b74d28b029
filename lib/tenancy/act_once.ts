import { createHmac, hash } from "node:crypto";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import { checkIdempotencyKey, Idempotency, REPLY_LIFE_MS } from "@/lib/metering/idempotency.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { ActClaim, ActClaims } from "@/lib/ports/act_claims.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import type { StoredReply } from "@/lib/ports/usage.ts";
import { createRepeatableIds } from "./repeatable_ids.ts";
import { openText, sealText } from "./sealed_text.ts";

export interface ActRequest {
  readonly operatorId: string;
  readonly idempotencyKey: string;
  /** Hex SHA-256 over method, path and body. */
  readonly requestHash: string;
}

/** Whether an answer can be kept; one that is too large can't be replayed. */
export function isKeepable(body: string): boolean {
  return new TextEncoder().encode(body).length <= REPLY_BYTES_MAX;
}

export interface ActReply {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export type ActDecision =
  /** Answer with this; nothing is carried out. */
  | { readonly kind: "replay"; readonly reply: ActReply }
  /** Carry it out with these ids, then say once how it ended. */
  | {
    readonly kind: "carry_out";
    /** The same for every attempt of this act. */
    readonly ids: Ids;
    /** Keeps the reply; only then may it be sent. */
    readonly answered: (reply: ActReply) => Promise<void>;
    /** Refused before anything was done: the key stays free. */
    readonly refused: () => Promise<void>;
    /** Nobody knows how far it came: the next attempt goes on with the same ids. */
    readonly failed: () => Promise<void>;
  };

export interface ActOnceDeps {
  readonly idempotency: Idempotency;
  readonly claims: ActClaims;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Kept outside of the database; without it no stored reply can be opened. */
  readonly operatorToken: string;
}

/** After this long without a sign of life an attempt counts as dead. */
export const CLAIM_LEASE_MS = 30_000;
const EXTEND_EVERY_MS = 10_000;
/** What fits into one commit once it is encrypted. */
const REPLY_BYTES_MAX = 400_000;
const SALT_BYTES = 32;
const TRIES_MAX = 3;

/**
 * One act per Idempotency-Key of an operator. Effect and answer are several commits, so an attempt
 * first claims its place; duplicates meet the claim, and a retry after a crash carries the act out
 * again with the ids of its first attempt, so that it finds what that one left.
 *
 * The reply is kept for 24 hours, encrypted under the operator token and the Idempotency-Key: an API
 * key's secret is in it, and the database alone must not give it away.
 */
export class ActOnce {
  constructor(private readonly deps: ActOnceDeps) {}

  /**
   * Errors: `idempotency_key_invalid`, `idempotency_key_reused`, `idempotency_in_progress`,
   * `reply_unreadable`.
   */
  async begin(request: ActRequest): Promise<Result<ActDecision>> {
    const { idempotencyKey, operatorId, requestHash } = request;
    const valid = checkIdempotencyKey(idempotencyKey);
    if (!valid.ok) return valid;
    const address = hash("sha256", JSON.stringify([operatorId, idempotencyKey]), "hex");
    for (let attempt = 1; attempt <= TRIES_MAX; attempt++) {
      const begun = await this.deps.idempotency.begin({
        tenantId: OPERATOR_CHAIN,
        idempotencyKey: address,
        requestHash,
      });
      if (!begun.ok) return begun;
      if (begun.value.kind === "replay") return this.#open(begun.value.reply, request);
      const { finish, replaces, expiresAtMs } = begun.value;
      const nowMs = this.deps.clock.nowMs();
      const wanted: ActClaim = {
        address,
        requestHash,
        attemptId: this.deps.ids.next("act"),
        untilMs: nowMs + CLAIM_LEASE_MS,
        firstAtMs: nowMs,
        salt: this.deps.ids.bytes(SALT_BYTES),
        expiresAtMs: nowMs + REPLY_LIFE_MS,
      };
      let done = false;
      try {
        const taken = await this.deps.claims.take(wanted, { nowMs, replaces });
        if (taken.kind === "taken") {
          done = true;
          return accept(
            this.#carryOut(request, { finish, replaces, expiresAtMs, claim: taken.claim }),
          );
        }
        if (taken.kind === "standing") {
          return refuse(taken.claim.requestHash === requestHash ? IN_PROGRESS : REUSED);
        }
      } finally {
        if (!done) finish(null);
      }
    }
    return refuse(IN_PROGRESS);
  }

  #carryOut(
    request: ActRequest,
    { claim, finish, replaces, expiresAtMs }: {
      readonly claim: Versioned<ActClaim>;
      readonly finish: (reply: StoredReply | null) => void;
      readonly replaces: string | null;
      readonly expiresAtMs: number;
    },
  ): ActDecision {
    const { claims, clock, logger } = this.deps;
    const { firstAtMs, address, salt } = claim.value;
    const held = new HeldClaim(claim, this.deps);
    const ending = async (end: (claim: Versioned<ActClaim>) => Promise<StoredReply | null>) => {
      let reply: StoredReply | null = null;
      try {
        const last = await held.release();
        if (last !== null) reply = await end(last);
      } finally {
        finish(reply);
      }
    };
    return {
      kind: "carry_out",
      ids: createRepeatableIds({ seed: this.#seed(request, salt), atMs: firstAtMs }),
      answered: (reply) =>
        ending(async (last) => {
          const kept: StoredReply = {
            tenantId: OPERATOR_CHAIN,
            idempotencyKey: address,
            requestHash: request.requestHash,
            status: reply.status,
            headers: reply.headers,
            body: sealText(reply.body, this.#terms(request), this.deps.ids),
            expiresAtMs,
          };
          const stored = await claims.answer(last, kept, { nowMs: clock.nowMs(), replaces });
          if (!stored) logger.warn("act_overtaken", { address });
          return stored ? kept : null;
        }),
      refused: () =>
        ending(async (last) => {
          await claims.drop(last);
          return null;
        }),
      failed: () =>
        ending(async (last) => {
          await claims.extend(last, 0);
          return null;
        }),
    };
  }

  #open(reply: StoredReply, request: ActRequest): Result<ActDecision> {
    const body = openText(reply.body, this.#terms(request));
    if (body === null) return refuse(UNREADABLE);
    const { status, headers } = reply;
    return accept({ kind: "replay", reply: { status, headers, body } });
  }

  #terms({ idempotencyKey, requestHash }: ActRequest) {
    return { secrets: [this.deps.operatorToken, idempotencyKey], purpose: requestHash };
  }

  #seed({ idempotencyKey, requestHash }: ActRequest, salt: Uint8Array): Uint8Array {
    const text = JSON.stringify([this.deps.operatorToken, idempotencyKey, requestHash]);
    return createHmac("sha256", salt).update(text).digest();
  }
}

/** Keeps a claim alive while its act is carried out. */
class HeldClaim {
  #claim: Versioned<ActClaim> | null;
  #extending: Promise<void> = Promise.resolve();
  #cancel: () => void;
  #released = false;

  constructor(
    claim: Versioned<ActClaim>,
    private readonly deps: Pick<ActOnceDeps, "claims" | "clock" | "scheduler" | "logger">,
  ) {
    this.#claim = claim;
    this.#cancel = deps.scheduler.after(EXTEND_EVERY_MS, () => this.#extendSoon());
  }

  /** The claim as it stands, to end with; `null` when somebody else took it. */
  async release(): Promise<Versioned<ActClaim> | null> {
    this.#released = true;
    this.#cancel();
    await this.#extending;
    return this.#claim;
  }

  #extendSoon(): void {
    this.#extending = this.#extend().catch((error) => {
      this.deps.logger.warn("act_claim_not_extended", { error: String(error) });
    }).finally(() => {
      if (this.#released || this.#claim === null) return;
      this.#cancel = this.deps.scheduler.after(EXTEND_EVERY_MS, () => this.#extendSoon());
    });
  }

  async #extend(): Promise<void> {
    if (this.#claim === null) return;
    const untilMs = this.deps.clock.nowMs() + CLAIM_LEASE_MS;
    this.#claim = await this.deps.claims.extend(this.#claim, untilMs);
  }
}

const IN_PROGRESS: Refusal = {
  code: "idempotency_in_progress",
  detail: "The same request is being carried out; repeat it in a moment for its answer",
};
const REUSED: Refusal = {
  code: "idempotency_key_reused",
  detail: "This Idempotency-Key was used for another request; use a new key for a new request",
};
const UNREADABLE: Refusal = {
  code: "reply_unreadable",
  detail: "This request was carried out before, and its answer can't be opened any more because " +
    "the operator token has changed since; read the state instead",
};
