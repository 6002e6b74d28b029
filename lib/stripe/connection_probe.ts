import type Stripe from "stripe";
import type {
  ProviderMeter,
  ProviderProbe,
  ProviderRight,
  ProviderWebhook,
} from "@/lib/ports/billing_provider.ts";
import { readFailure } from "./failures.ts";
import { meterFits } from "./meter_catalog.ts";
import { SNAPSHOT_EVENTS, THIN_EVENTS } from "./notices.ts";
import { LEGACY_API_VERSION, MAX_LISTED, type ProviderContext } from "./provider_context.ts";

const PAGE = 100;
/** Stripe says the time in whole seconds; half of one is what it is off by on average. */
const HALF_SECOND_MS = 500;

interface RightProbe {
  readonly resource: string;
  readonly access: ProviderRight["access"];
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly apiVersion?: string;
}

/**
 * Each write is one that can't succeed: it lacks what it needs, or names an object that nobody has.
 * Stripe judges the key before the request, so a complaint about the request says that the key may.
 */
const RIGHTS: readonly RightProbe[] = [
  { resource: "Billing meters", access: "read", method: "GET", path: "/v1/billing/meters?limit=1" },
  { resource: "Billing meters", access: "write", method: "POST", path: "/v1/billing/meters" },
  { resource: "Customers", access: "write", method: "POST", path: "/v1/customers/cus_no_such" },
  { resource: "Products", access: "write", method: "POST", path: "/v1/products/prod_no_such" },
  { resource: "Prices", access: "write", method: "POST", path: "/v1/prices" },
  {
    resource: "Subscriptions",
    access: "write",
    method: "POST",
    path: "/v1/subscriptions/sub_no_such",
  },
  { resource: "Invoices", access: "write", method: "POST", path: "/v1/invoices/in_no_such" },
  {
    resource: "Invoice items",
    access: "write",
    method: "POST",
    path: "/v1/invoiceitems/ii_no_such",
  },
  { resource: "Credit grants", access: "write", method: "POST", path: "/v1/billing/credit_grants" },
  {
    resource: "Checkout sessions",
    access: "write",
    method: "POST",
    path: "/v1/checkout/sessions",
  },
  {
    resource: "Customer portal",
    access: "write",
    method: "POST",
    path: "/v1/billing_portal/sessions",
  },
  { resource: "Events", access: "read", method: "GET", path: "/v1/events?limit=1" },
];

/** By which usage is sent; for v2 the session that the sender itself opens. */
const SENDING: Readonly<Record<ProviderContext["meterMode"], RightProbe>> = {
  v1: {
    resource: "Billing meter events",
    access: "write",
    method: "POST",
    path: "/v1/billing/meter_events",
  },
  v2_stream: {
    resource: "Billing meter event sessions",
    access: "write",
    method: "POST",
    path: "/v2/billing/meter_event_session",
  },
  usage_records: {
    resource: "Usage records",
    access: "write",
    method: "POST",
    path: "/v1/subscription_items/si_no_such/usage_records",
    apiVersion: LEGACY_API_VERSION,
  },
};

interface Asked {
  readonly right: ProviderRight;
  /** What the clock of the other side showed, as far ahead of ours. */
  readonly clockAheadMs: number | null;
  readonly roundTripMs: number;
}

/** Finds out what the key may do, and what is set up at Stripe, without making anything there. */
export async function probeConnection(context: ProviderContext): Promise<ProviderProbe> {
  const stripe = await context.client();
  const probes = [...RIGHTS, SENDING[context.meterMode]];
  const [first, ...others] = probes;
  if (first === undefined) throw new Error("There is something to probe");
  // One alone first: its time is not that of a dozen calls at once.
  const asked = [await ask(context, stripe, first)];
  asked.push(...await Promise.all(others.map((probe) => ask(context, stripe, probe))));
  const [meters, webhooks] = await Promise.all([readMeters(stripe), readWebhooks(stripe)]);
  return {
    clockAheadMs: asked[0]?.clockAheadMs ?? null,
    roundTripMs: asked[0]?.right.outcome === "unknown" ? null : asked[0]?.roundTripMs ?? null,
    rights: asked.map(({ right }) => right),
    meters,
    webhooks,
  };
}

async function ask(
  { clock }: ProviderContext,
  stripe: Stripe,
  { resource, access, method, path, apiVersion }: RightProbe,
): Promise<Asked> {
  const startMs = clock.nowMs();
  const options = { maxNetworkRetries: 0, ...apiVersion === undefined ? {} : { apiVersion } };
  const judged = (
    outcome: ProviderRight["outcome"],
    { detail, headers }: { detail: string | null; headers: unknown },
  ): Asked => {
    const endMs = clock.nowMs();
    const dateMs = dateOf(headers);
    return {
      right: { resource, access, outcome, detail },
      clockAheadMs: dateMs === null ? null : dateMs + HALF_SECOND_MS - (startMs + endMs) / 2,
      roundTripMs: endMs - startMs,
    };
  };
  try {
    const answer: { lastResponse?: { headers?: unknown } } = await stripe.rawRequest(
      method,
      path,
      method === "GET" ? undefined : {},
      options,
    );
    return judged("granted", { detail: null, headers: answer.lastResponse?.headers });
  } catch (error) {
    const failure = readFailure(error);
    const headers = error instanceof Error && "headers" in error ? error.headers : null;
    const status = failure?.status ?? null;
    const detail = failure?.message ?? String(error);
    if (status === 401 || status === 403) return judged("refused", { detail, headers });
    const isUnknown = status === null || status === 429 || status >= 500;
    return isUnknown
      ? judged("unknown", { detail, headers })
      : judged("granted", { detail: null, headers });
  }
}

/** The SDK hands on what its HTTP client has: `Headers`, or an object of them. */
function dateOf(headers: unknown): number | null {
  const atMs = Date.parse(
    headers instanceof Headers ? headers.get("date") ?? "" : plainDate(headers),
  );
  return Number.isFinite(atMs) ? atMs : null;
}

function plainDate(headers: unknown): string {
  const has = typeof headers === "object" && headers !== null && "date" in headers;
  return has ? String(headers.date) : "";
}

/** `null` when the key may not read them, or nothing answers. */
async function readMeters(stripe: Stripe): Promise<readonly ProviderMeter[] | null> {
  const found: ProviderMeter[] = [];
  try {
    for await (const meter of stripe.billing.meters.list({ limit: PAGE })) {
      found.push({
        eventName: meter.event_name,
        isActive: meter.status === "active",
        fits: meterFits(meter),
      });
      if (found.length >= MAX_LISTED) break;
    }
    return found;
  } catch (error) {
    return unlessOurs(error);
  }
}

/** Endpoints are listed by the old interface, destinations of thin events by the new one. */
async function readWebhooks(stripe: Stripe): Promise<readonly ProviderWebhook[] | null> {
  const [endpoints, destinations] = await Promise.all([
    readEndpoints(stripe),
    readDestinations(stripe),
  ]);
  if (endpoints === null && destinations === null) return null;
  return [...endpoints ?? [], ...destinations ?? []];
}

async function readEndpoints(stripe: Stripe): Promise<readonly ProviderWebhook[] | null> {
  const found: ProviderWebhook[] = [];
  try {
    for await (const endpoint of stripe.webhookEndpoints.list({ limit: PAGE })) {
      found.push({
        kind: "snapshot",
        url: endpoint.url,
        isEnabled: endpoint.status === "enabled",
        missingEvents: missingOf(SNAPSHOT_EVENTS, endpoint.enabled_events),
      });
      if (found.length >= MAX_LISTED) break;
    }
    return found;
  } catch (error) {
    return unlessOurs(error);
  }
}

async function readDestinations(stripe: Stripe): Promise<readonly ProviderWebhook[] | null> {
  const found: ProviderWebhook[] = [];
  try {
    const destinations = stripe.v2.core.eventDestinations.list({
      limit: PAGE,
      include: ["webhook_endpoint.url"],
    });
    for await (const destination of destinations) {
      const isThin = destination.event_payload === "thin";
      found.push({
        kind: isThin ? "thin" : "snapshot",
        url: destination.webhook_endpoint?.url ?? "",
        isEnabled: destination.status === "enabled",
        missingEvents: missingOf(
          isThin ? THIN_EVENTS : SNAPSHOT_EVENTS,
          destination.enabled_events,
        ),
      });
      if (found.length >= MAX_LISTED) break;
    }
    return found;
  } catch (error) {
    return unlessOurs(error);
  }
}

function missingOf(wanted: readonly string[], enabled: readonly string[]): readonly string[] {
  return enabled.includes("*") ? [] : wanted.filter((type) => !enabled.includes(type));
}

/** What the SDK says is an answer; anything else is a defect of ours. */
function unlessOurs(error: unknown): null {
  if (readFailure(error) === null) throw error;
  return null;
}
