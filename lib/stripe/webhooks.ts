import type Stripe from "stripe";
import { refuse, type Result } from "@/lib/domain/result.ts";
import type { ProviderNotice } from "@/lib/ports/billing_provider.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import { readSnapshotEvent, readThinEvent } from "./notices.ts";

export interface WebhookVerifierOptions {
  /** One, or two while a secret is rolled: the new one first. */
  readonly snapshotSecrets: readonly string[];
  readonly thinSecrets: readonly string[];
  /** Whether events of live mode are expected; the others are refused. */
  readonly livemode: boolean;
  readonly clock: Clock;
}

/**
 * Tells Stripe's webhooks from forgeries, and reads them. Refusals: `missing_signature`,
 * `invalid_signature`, `stale_signature` (over 300 s old), `future_signature` (over 300 s ahead,
 * which Stripe's SDK lets pass), `invalid_event`, `wrong_mode`, `no_secret`, `body_too_large`.
 */
export interface WebhookVerifier {
  /** How many secrets each endpoint accepts. */
  readonly secrets: { readonly snapshot: number; readonly thin: number };
  /** `body` is the raw request body: a parsed and printed one has another signature. */
  snapshot(body: Uint8Array, signature: string | null): Promise<Result<ProviderNotice>>;
  thin(body: Uint8Array, signature: string | null): Promise<Result<ProviderNotice>>;
}

const TOLERANCE_S = 300;
/** Stripe's events are far below. */
export const MAX_WEBHOOK_BYTES = 1_048_576;
const MAX_HEADER = 2_000;
/** Never used to call anything: the SDK wants a key before it verifies. */
const NO_KEY = "sk_unused";

export function createWebhookVerifier(options: WebhookVerifierOptions): WebhookVerifier {
  let sdk: Promise<Stripe> | null = null;
  const client = () => sdk ??= import("stripe").then(({ default: Sdk }) => new Sdk(NO_KEY));

  async function verify(
    { body, signature, secrets, parse }: {
      body: Uint8Array;
      signature: string | null;
      secrets: readonly string[];
      parse: (stripe: Stripe, header: string, secret: string) => Promise<ProviderNotice | null>;
    },
  ): Promise<Result<ProviderNotice>> {
    const refused = judgeHeader(body, signature, secrets, options.clock.nowMs());
    if (refused !== null) return refuse(refused);
    const stripe = await client();
    let failure = "No secret matches the signature";
    for (const secret of secrets) {
      try {
        const notice = await parse(stripe, signature ?? "", secret);
        if (notice !== null) return { ok: true, value: notice };
        return refuse({ code: "invalid_event", detail: "The body is not an event of this kind" });
      } catch (error) {
        if (error instanceof WrongMode) {
          return refuse({ code: "wrong_mode", detail: error.message });
        }
        if (!isSignatureError(error)) {
          return refuse({ code: "invalid_event", detail: "The body is not an event of this kind" });
        }
        failure = error.message.split("\n")[0] ?? failure;
      }
    }
    return refuse({ code: "invalid_signature", detail: failure.trim() });
  }

  const receivedAt = () => options.clock.nowMs();
  return {
    secrets: {
      snapshot: options.snapshotSecrets.length,
      thin: options.thinSecrets.length,
    },
    snapshot: (body, signature) =>
      verify({
        body,
        signature,
        secrets: options.snapshotSecrets,
        parse: async (stripe, header, secret) => {
          const event = await stripe.webhooks.constructEventAsync(
            body,
            header,
            secret,
            TOLERANCE_S,
            undefined,
            receivedAt(),
          );
          return expectMode(readSnapshotEvent(event), options.livemode);
        },
      }),
    thin: (body, signature) =>
      verify({
        body,
        signature,
        secrets: options.thinSecrets,
        parse: async (stripe, header, secret) => {
          const event = await stripe.parseEventNotificationAsync(
            body,
            header,
            secret,
            TOLERANCE_S,
            undefined,
            receivedAt(),
          );
          return expectMode(readThinEvent(event), options.livemode);
        },
      }),
  };
}

class WrongMode extends Error {
  override name = "WrongMode";
}

function expectMode(
  read: { notice: ProviderNotice; livemode: boolean } | null,
  livemode: boolean,
): ProviderNotice | null {
  if (read === null) return null;
  if (read.livemode === livemode) return read.notice;
  const named = (live: boolean) => live ? "live" : "test";
  throw new WrongMode(`An event of ${named(read.livemode)} mode reached ${named(livemode)} mode`);
}

/** What can be said without a secret, cheapest first. */
function judgeHeader(
  body: Uint8Array,
  signature: string | null,
  secrets: readonly string[],
  nowMs: number,
): { code: string; detail: string } | null {
  if (secrets.length === 0) {
    return { code: "no_secret", detail: "No signing secret is configured for this endpoint" };
  }
  if (body.length > MAX_WEBHOOK_BYTES) {
    return { code: "body_too_large", detail: `A webhook has at most ${MAX_WEBHOOK_BYTES} bytes` };
  }
  if (signature === null || signature === "" || signature.length > MAX_HEADER) {
    return { code: "missing_signature", detail: "The Stripe-Signature header is missing" };
  }
  const stamps = signature.split(",").filter((part) => part.startsWith("t="));
  const stamp = /^t=(\d{1,12})$/.exec(stamps[0] ?? "")?.[1];
  // With two stamps the one judged here might not be the one that was signed.
  if (stamp === undefined || stamps.length !== 1) {
    return { code: "invalid_signature", detail: "The signature needs exactly one timestamp" };
  }
  const ageS = Math.floor(nowMs / 1_000) - Number(stamp);
  if (ageS > TOLERANCE_S) {
    return { code: "stale_signature", detail: `The signature is ${ageS} s old` };
  }
  if (ageS < -TOLERANCE_S) {
    return { code: "future_signature", detail: `The signature is ${-ageS} s in the future` };
  }
  return null;
}

function isSignatureError(error: unknown): error is Error {
  return error instanceof Error && "type" in error &&
    error.type === "StripeSignatureVerificationError";
}
