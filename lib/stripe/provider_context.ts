import type Stripe from "stripe";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Logger } from "@/lib/ports/logger.ts";

export type MeterMode = "v1" | "v2_stream" | "usage_records";

/** What the parts of the provider share. */
export interface ProviderContext {
  readonly client: () => Promise<Stripe>;
  readonly meterMode: MeterMode;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The last API version with usage records and metered prices without a meter. */
export const LEGACY_API_VERSION = "2025-02-24.acacia";

/** Metadata that Clawmeter writes into Stripe's objects, and recognises them by. */
export const TAG = {
  tenant: "clawmeter_tenant",
  plan: "clawmeter_plan_revision",
  meter: "clawmeter_meter",
  digest: "clawmeter_digest",
  key: "clawmeter_key",
} as const;

/** Objects listed at most when one is looked for: a hundred full pages. */
export const MAX_LISTED = 10_000;

/** The first that fits, over all pages. */
export async function findInPages<T>(
  pages: AsyncIterable<T>,
  fits: (item: T) => boolean,
): Promise<T | null> {
  let seen = 0;
  for await (const item of pages) {
    if (fits(item)) return item;
    seen += 1;
    if (seen >= MAX_LISTED) return null;
  }
  return null;
}

export function idOfRef(ref: string | { readonly id: string } | null | undefined): string | null {
  if (ref === null || ref === undefined) return null;
  return typeof ref === "string" ? ref : ref.id;
}

export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}
