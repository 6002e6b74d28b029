import type { Clock } from "@/lib/ports/clock.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { BillingProvider, ProviderMode } from "@/lib/ports/billing_provider.ts";
import { lazyClient } from "./client.ts";
import { probeConnection } from "./connection_probe.ts";
import { createCustomerAccounts } from "./customer_accounts.ts";
import { createEventReader } from "./event_reader.ts";
import { guarded } from "./failures.ts";
import { createInvoiceDesk } from "./invoice_desk.ts";
import { createMeterCatalog } from "./meter_catalog.ts";
import { createV1Sender, type MeterSender } from "./meter_sender.ts";
import { ensurePlan } from "./plan_provisioner.ts";
import { checkPlan } from "./price_params.ts";
import type { MeterMode, ProviderContext } from "./provider_context.ts";
import { createStreamSender } from "./stream_sender.ts";
import { createUsageRecordSender } from "./usage_record_sender.ts";

export interface StripeProviderOptions {
  /** `sk_live_…`, `rk_live_…`, `sk_test_…` or `rk_test_…`. */
  readonly apiKey: string;
  /** Where the API is; Stripe itself when absent. */
  readonly apiBase?: string;
  readonly meterMode: MeterMode;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of one call, body included; 10 s when absent. */
  readonly timeoutMs?: number;
  /** Whether the key is the built-in simulator's. */
  readonly simulated?: boolean;
  /** SDK retries of everything but meter events, whose retries are the outbox's; 2 when absent. */
  readonly networkRetries?: number;
  readonly fetch?: typeof fetch;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_RETRIES = 2;

/** Billing through Stripe's own SDK. Nothing is imported or sent before the first call. */
export function createStripeProvider(options: StripeProviderOptions): BillingProvider {
  const context: ProviderContext = {
    client: lazyClient({
      apiKey: options.apiKey,
      apiBase: options.apiBase,
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      networkRetries: options.networkRetries ?? DEFAULT_RETRIES,
      fetch: options.fetch,
    }),
    meterMode: options.meterMode,
    clock: options.clock,
    logger: options.logger,
  };
  const meters = createMeterCatalog(context);
  const accounts = createCustomerAccounts(context);
  const desk = createInvoiceDesk(context);
  const events = createEventReader(context);
  const records = options.meterMode === "usage_records" ? createUsageRecordSender(context) : null;
  const sender: MeterSender = records ??
    (options.meterMode === "v2_stream" ? createStreamSender(context) : createV1Sender(context));

  return {
    mode: modeOf(options),
    sendMeterEvent: (event) => sender.send(event),
    sendMeterEvents: (batch) => sender.sendAll(batch),
    summaries: (query) => guarded(() => (records ?? meters).summaries(query)),
    meterErrors: (eventId) => guarded(() => events.meterErrors(eventId)),
    checkPlan,
    ensureMeter: (spec) => guarded(() => meters.ensureMeter(spec)),
    ensurePlan: (plan) => guarded(() => ensurePlan(context, meters, plan)),
    ensureCustomer: (spec) => guarded(() => accounts.ensureCustomer(spec)),
    ensureSubscription: (spec) => guarded(() => accounts.ensureSubscription(spec)),
    changePlan: (spec) => guarded(() => accounts.changePlan(spec)),
    cancelSubscription: (id) => guarded(() => accounts.cancelSubscription(id)),
    subscription: (id) => guarded(() => accounts.subscription(id)),
    invoices: (query) => guarded(() => desk.invoices(query)),
    invoice: (id) => guarded(() => desk.invoice(id)),
    previewInvoice: (query) => guarded(() => desk.previewInvoice(query)),
    holdInvoice: (id) => guarded(() => desk.holdInvoice(id)),
    finalizeInvoice: (id) => guarded(() => desk.finalizeInvoice(id)),
    ensureInvoiceItem: (spec) => guarded(() => desk.ensureInvoiceItem(spec)),
    ensureCredit: (spec) => guarded(() => desk.ensureCredit(spec)),
    checkoutUrl: (spec) => guarded(() => accounts.checkoutUrl(spec)),
    portalUrl: (spec) => guarded(() => accounts.portalUrl(spec)),
    noticesSince: (query) => guarded(() => events.noticesSince(query)),
    probe: () => probeConnection(context),
  };
}

function modeOf(options: StripeProviderOptions): ProviderMode {
  if (options.simulated === true) return "simulator";
  return /^(sk|rk)_live_/.test(options.apiKey) ? "live" : "test";
}
