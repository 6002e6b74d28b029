import type { Versioned } from "./tenancy.ts";
import type { StoredReply } from "./usage.ts";

/** That an operator's act is being carried out under an Idempotency-Key, and by which attempt. */
export interface ActClaim {
  /** Stands for the Idempotency-Key, which is kept nowhere. */
  readonly address: string;
  /** Hex SHA-256 over method, path and body. */
  readonly requestHash: string;
  /** Names the attempt. */
  readonly attemptId: string;
  /** Until then nobody else takes it; the attempt makes it longer while it runs. */
  readonly untilMs: number;
  /** When the act was first tried, and what its ids follow from: a later attempt has the same. */
  readonly firstAtMs: number;
  readonly salt: Uint8Array;
  /** After that the Idempotency-Key is a new one. */
  readonly expiresAtMs: number;
}

export type TakenClaim =
  | { readonly kind: "taken"; readonly claim: Versioned<ActClaim> }
  /** Another attempt is at it, or was at it under the same key for another request. */
  | { readonly kind: "standing"; readonly claim: ActClaim }
  /** The act was answered meanwhile. */
  | { readonly kind: "answered" };

export interface ActClaims {
  /**
   * Takes the place of an act that nobody is at. Of an attempt that ended without an answer, time and
   * salt are kept when it was for the same request. `replaces` is the version of the expired reply.
   */
  take(
    claim: ActClaim,
    at: { readonly nowMs: number; readonly replaces: string | null },
  ): Promise<TakenClaim>;
  /** `null`: somebody else has it. */
  extend(claim: Versioned<ActClaim>, untilMs: number): Promise<Versioned<ActClaim> | null>;
  /** Puts the reply in the claim's place. `false`: somebody else has it. */
  answer(
    claim: Versioned<ActClaim>,
    reply: StoredReply,
    at: { readonly nowMs: number; readonly replaces: string | null },
  ): Promise<boolean>;
  /** Leaves the key free for another request. */
  drop(claim: Versioned<ActClaim>): Promise<void>;
}
