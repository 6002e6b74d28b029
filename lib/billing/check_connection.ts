import { meterEventName } from "@/lib/domain/meter.ts";
import type { ProviderProbe, ProviderWebhook } from "@/lib/ports/billing_provider.ts";
import type { WebhookKind } from "@/lib/ports/notice_inbox.ts";
import type { BillingDeps } from "./deps.ts";
import { type WebhookEndpoint, webhookEndpoints } from "./webhook_endpoints.ts";

/** One question about the connection to Stripe, its answer, and what to do about it. */
export interface ConnectionCheck {
  readonly id: "answers" | "rights" | "clock" | "meters" | `webhook_${WebhookKind}`;
  readonly title: string;
  readonly level: "ok" | "warn" | "fail";
  readonly detail: string;
  /** `null` where nothing is to be done. */
  readonly todo: string | null;
}

export interface ConnectionReport {
  readonly atMs: number;
  readonly checks: readonly ConnectionCheck[];
  readonly rights: ProviderProbe["rights"];
}

export type ConnectionDeps = Pick<BillingDeps, "clock" | "plans" | "provider" | "store"> & {
  readonly secrets: Readonly<Record<WebhookKind, number>>;
  readonly baseUrl: string;
  /** Whether plans are billed by meters at Stripe at all. */
  readonly usesMeters: boolean;
};

/** Signatures are believed for five minutes, so a clock that is off by less still works. */
const CLOCK_WARN_MS = 30_000;
const CLOCK_FAIL_MS = 240_000;
const SLOW_MS = 2_000;
const NAMED_MAX = 8;

const KIND_WORDS: Readonly<Record<WebhookKind, string>> = {
  snapshot: "snapshot events",
  thin: "thin events",
};

/** Asks Stripe, and says what fits and what has to be done. Makes nothing there. */
export async function checkConnection(deps: ConnectionDeps): Promise<ConnectionReport> {
  const [probe, plans, endpoints] = await Promise.all([
    deps.provider.probe(),
    deps.plans.plans(),
    webhookEndpoints(deps),
  ]);
  const wanted = new Set(
    plans.filter(({ status }) => status === "published").flatMap(({ meters }) =>
      meters.map(({ meter }) => meterEventName(meter))
    ),
  );
  return {
    atMs: deps.clock.nowMs(),
    rights: probe.rights,
    checks: [
      answers(probe),
      rights(probe),
      clock(probe),
      deps.usesMeters ? meters(probe, wanted) : NO_METERS,
      ...endpoints.map((endpoint) =>
        webhook(endpoint, { probe, isSimulated: deps.provider.mode === "simulator" })
      ),
    ],
  };
}

function answers({ rights, roundTripMs }: ProviderProbe): ConnectionCheck {
  const head = { id: "answers", title: "Stripe answers, and takes the key" } as const;
  const failed = rights.filter(({ outcome }) => outcome === "unknown");
  if (failed.length === rights.length) {
    return {
      ...head,
      level: "fail",
      detail: failed[0]?.detail ?? "No answer",
      todo: "Check the network and status.stripe.com. Usage waits in the outbox meanwhile.",
    };
  }
  if (rights.every(({ outcome }) => outcome === "refused")) {
    return {
      ...head,
      level: "fail",
      detail: rights[0]?.detail ?? "The key is refused",
      todo: "Set STRIPE_SECRET_KEY to a key that is valid, and start again.",
    };
  }
  const took = `${Math.round(roundTripMs ?? 0)} ms there and back`;
  return roundTripMs !== null && roundTripMs > SLOW_MS
    ? { ...head, level: "warn", detail: took, todo: "Sending keeps up, but slowly." }
    : { ...head, level: "ok", detail: took, todo: null };
}

function rights({ rights }: ProviderProbe): ConnectionCheck {
  const head = { id: "rights", title: "The key may do what is needed" } as const;
  const words = (outcome: string) =>
    rights.filter((right) => right.outcome === outcome)
      .map(({ resource, access }) => `${resource} (${access})`).join(", ");
  const [refused, unknown] = [words("refused"), words("unknown")];
  if (refused !== "") {
    return {
      ...head,
      level: "fail",
      detail: `Refused: ${refused}`,
      todo: "Give the restricted key these permissions in Stripe’s dashboard.",
    };
  }
  if (unknown !== "") {
    return { ...head, level: "warn", detail: `No answer about: ${unknown}`, todo: "Check again." };
  }
  return { ...head, level: "ok", detail: `All ${rights.length} are granted`, todo: null };
}

function clock({ clockAheadMs }: ProviderProbe): ConnectionCheck {
  const head = { id: "clock", title: "Both clocks agree" } as const;
  if (clockAheadMs === null) {
    return { ...head, level: "warn", detail: "Stripe did not say the time", todo: "Check again." };
  }
  const seconds = Math.round(Math.abs(clockAheadMs) / 1_000);
  const detail = seconds === 0
    ? "To the second"
    : `This server is ${seconds} s ${clockAheadMs > 0 ? "behind" : "ahead"}`;
  const size = Math.abs(clockAheadMs);
  if (size < CLOCK_WARN_MS) return { ...head, level: "ok", detail, todo: null };
  return {
    ...head,
    level: size < CLOCK_FAIL_MS ? "warn" : "fail",
    detail,
    todo: "Set this server’s clock by NTP: webhooks are believed within five minutes only.",
  };
}

const NO_METERS: ConnectionCheck = {
  id: "meters",
  title: "Stripe knows the meters",
  level: "ok",
  detail: "Usage records need none",
  todo: null,
};

function meters({ meters }: ProviderProbe, wanted: ReadonlySet<string>): ConnectionCheck {
  const head = { id: "meters", title: "Stripe knows the meters" } as const;
  if (meters === null) {
    return { ...head, level: "fail", detail: "They can’t be read", todo: "See the permissions." };
  }
  const known = new Map(meters.map((meter) => [meter.eventName, meter]));
  const wrong = [...wanted].filter((name) => {
    const meter = known.get(name);
    return meter !== undefined && !(meter.isActive && meter.fits);
  });
  if (wrong.length > 0) {
    return {
      ...head,
      level: "fail",
      detail: `Deactivated, or counting otherwise: ${listed(wrong)}`,
      todo: "Reactivate them in Stripe, or take another meter name in the next plan version.",
    };
  }
  const missing = [...wanted].filter((name) => !known.has(name));
  if (missing.length > 0) {
    return {
      ...head,
      level: "warn",
      detail: `Not there yet: ${listed(missing)}`,
      todo: "They are made when the first tenant of such a plan is made known to Stripe.",
    };
  }
  return { ...head, level: "ok", detail: `All ${wanted.size} of the published plans`, todo: null };
}

function webhook(
  { kind, url, secrets }: WebhookEndpoint,
  { probe, isSimulated }: { readonly probe: ProviderProbe; readonly isSimulated: boolean },
): ConnectionCheck {
  const head = {
    id: `webhook_${kind}`,
    title: `${KIND_WORDS[kind][0]?.toUpperCase()}${KIND_WORDS[kind].slice(1)} arrive`,
  } as const;
  if (isSimulated) {
    return { ...head, level: "ok", detail: "The simulator sends them to this server", todo: null };
  }
  if (secrets === 0) {
    const variable = kind === "snapshot" ? "STRIPE_WEBHOOK_SECRET" : "STRIPE_THIN_WEBHOOK_SECRET";
    return {
      ...head,
      level: "fail",
      detail: "No signing secret is configured, so every delivery is refused",
      todo: `Set ${variable} to the endpoint’s secret, and start again.`,
    };
  }
  if (probe.webhooks === null) {
    return {
      ...head,
      level: "warn",
      detail: "The key may not read webhook endpoints",
      todo: `Look in Stripe’s dashboard whether one sends ${KIND_WORDS[kind]} to ${url}.`,
    };
  }
  return endpointCheck(head, {
    url,
    found: probe.webhooks.filter((one) => one.kind === kind && one.url === url),
  });
}

function endpointCheck(
  head: Pick<ConnectionCheck, "id" | "title">,
  { url, found }: { readonly url: string; readonly found: readonly ProviderWebhook[] },
): ConnectionCheck {
  if (found.length === 0) {
    const detail = `No endpoint at Stripe sends to ${url}`;
    return { ...head, level: "fail", detail, todo: "Make one in Stripe’s dashboard." };
  }
  const enabled = found.filter(({ isEnabled }) => isEnabled);
  if (enabled.length === 0) {
    const detail = "The endpoint is disabled";
    return { ...head, level: "fail", detail, todo: "Enable it in Stripe’s dashboard." };
  }
  const missing = enabled.map(({ missingEvents }) => missingEvents)
    .toSorted((a, b) => a.length - b.length)[0] ?? [];
  return missing.length === 0 ? { ...head, level: "ok", detail: url, todo: null } : {
    ...head,
    level: "warn",
    detail: `Not sent: ${listed(missing)}`,
    todo: "Add these events to the endpoint. The daily run pulls what they would have told.",
  };
}

function listed(names: readonly string[]): string {
  const rest = names.length - NAMED_MAX;
  return names.slice(0, NAMED_MAX).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
