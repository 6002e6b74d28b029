import { checkoutEndpoints } from "./checkout.ts";
import { creditGrantEndpoints } from "./credit_grants.ts";
import { customerEndpoints } from "./customers.ts";
import type { Endpoint } from "./endpoint.ts";
import { eventEndpoints } from "./events.ts";
import { invoiceItemEndpoints } from "./invoice_items.ts";
import { invoiceEndpoints } from "./invoices.ts";
import { meterEventEndpoints } from "./meter_events.ts";
import { meterEndpoints } from "./meters.ts";
import { portalEndpoints } from "./portal.ts";
import { priceEndpoints } from "./prices.ts";
import { productEndpoints } from "./products.ts";
import { subscriptionEndpoints } from "./subscriptions.ts";
import { testClockEndpoints } from "./test_clocks.ts";
import { usageRecordEndpoints } from "./usage_records.ts";

const ENDPOINTS: readonly Endpoint[] = [
  ...customerEndpoints,
  ...productEndpoints,
  ...priceEndpoints,
  ...meterEndpoints,
  ...meterEventEndpoints,
  ...subscriptionEndpoints,
  ...usageRecordEndpoints,
  ...invoiceEndpoints,
  ...invoiceItemEndpoints,
  ...creditGrantEndpoints,
  ...testClockEndpoints,
  ...checkoutEndpoints,
  ...portalEndpoints,
  ...eventEndpoints,
];

const PATTERNS = ENDPOINTS.map((endpoint) => ({
  endpoint,
  parts: endpoint.path.split("/"),
  fixed: endpoint.path.split("/").filter((part) => !part.startsWith(":")).length,
})).sort((a, b) => b.fixed - a.fixed);

/** The endpoint of a path, with the values of its `:name` parts; `null` when there is none. */
export function findEndpoint(
  method: string,
  path: string,
): { endpoint: Endpoint; ids: readonly string[] } | null {
  const parts = path.split("/");
  for (const pattern of PATTERNS) {
    if (pattern.endpoint.method !== method || pattern.parts.length !== parts.length) continue;
    const ids = matchParts(pattern.parts, parts);
    if (ids !== null) return { endpoint: pattern.endpoint, ids };
  }
  return null;
}

function matchParts(pattern: readonly string[], parts: readonly string[]): string[] | null {
  const ids: string[] = [];
  for (const [at, part] of parts.entries()) {
    const expected = pattern[at] ?? "";
    if (!expected.startsWith(":")) {
      if (expected !== part) return null;
      continue;
    }
    try {
      ids.push(decodeURIComponent(part));
    } catch {
      return null;
    }
  }
  return ids;
}
