import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { AttemptStore } from "@/lib/ports/sessions.ts";
import { hashSecret } from "./secret.ts";

export interface AttemptLimit {
  /** What is limited, e.g. `sign_in_mail`. */
  readonly act: string;
  readonly most: number;
  readonly perMs: number;
}

const QUARTER_HOUR_MS = 15 * 60_000;

/** Of one person at one network address: somebody else who asks in their name uses up their own. */
export const SIGN_IN_PER_PERSON: AttemptLimit = {
  act: "sign_in_person",
  most: 5,
  perMs: QUARTER_HOUR_MS,
};
/** What one mailbox gets at most, whoever asks. */
export const SIGN_IN_PER_EMAIL: AttemptLimit = {
  act: "sign_in_email",
  most: 20,
  perMs: QUARTER_HOUR_MS,
};
export const SIGN_IN_PER_ADDRESS: AttemptLimit = {
  act: "sign_in_address",
  most: 30,
  perMs: QUARTER_HOUR_MS,
};
export const OIDC_START: AttemptLimit = {
  act: "oidc_start",
  most: 30,
  perMs: QUARTER_HOUR_MS,
};
export const PASSKEY_START: AttemptLimit = {
  act: "passkey_start",
  most: 30,
  perMs: QUARTER_HOUR_MS,
};
export const OPERATOR_SIGN_IN: AttemptLimit = {
  act: "operator_sign_in",
  most: 10,
  perMs: QUARTER_HOUR_MS,
};

/** Mails that a member has us send to others: none of them is a way to fill a stranger's mailbox. */
export const INVITATION_PER_EMAIL: AttemptLimit = {
  act: "invitation_email",
  most: 5,
  perMs: QUARTER_HOUR_MS,
};
export const INVITATION_PER_TENANT: AttemptLimit = {
  act: "invitation_tenant",
  most: 50,
  perMs: QUARTER_HOUR_MS,
};
export const TEST_ALERT: AttemptLimit = {
  act: "test_alert",
  most: 10,
  perMs: QUARTER_HOUR_MS,
};

/** What there were too many of. After `retryAfterSeconds` they are counted anew. */
export interface TooManyAttempts extends Refusal {
  readonly code: "rate_limited";
  readonly retryAfterSeconds: number;
}

export function isTooManyAttempts(refusal: Refusal): refusal is TooManyAttempts {
  return refusal.code === "rate_limited" && "retryAfterSeconds" in refusal;
}

/** Counts attempts per subject in slots of time. Subjects are hashed: addresses are personal. */
export function createAttempts(
  { store, clock }: { store: AttemptStore; clock: Clock },
): Attempts {
  return {
    allow: async ({ act, most, perMs }, subject) => {
      const nowMs = clock.nowMs();
      const startMs = nowMs - nowMs % perMs;
      const count = await store.count(hashSecret(`${act}:${subject}`), {
        startMs,
        lengthMs: perMs,
      });
      if (count <= most) return accept("allowed");
      const retryAfterSeconds = Math.ceil((startMs + perMs - nowMs) / 1_000);
      const minutes = Math.ceil(retryAfterSeconds / 60);
      return refuse({
        code: "rate_limited",
        retryAfterSeconds,
        detail: `Too many attempts; try again in ${minutes} minute${minutes === 1 ? "" : "s"}`,
      });
    },
  };
}

export interface Attempts {
  /** Counts this attempt. Error: `rate_limited`. */
  allow(limit: AttemptLimit, subject: string): Promise<Result<"allowed", TooManyAttempts>>;
}
