import { periodAt } from "@/lib/domain/period.ts";
import type { PlanVersion, Units } from "@/lib/domain/plan.ts";
import { priceUnits } from "@/lib/domain/pricing.ts";
import { accept } from "@/lib/domain/result.ts";
import type {
  BillingProvider,
  CreditSpec,
  InvoiceItemSpec,
  MeterErrorReport,
  MeterEvent,
  MeterSummary,
  ProviderInvoice,
  ProviderInvoiceLine,
  ProviderNotice,
  ProviderProbe,
  ProviderSubscription,
  ProvisionedPlan,
  SendOutcome,
  SubscriptionSpec,
  SummaryQuery,
} from "@/lib/ports/billing_provider.ts";
import type { FixedClock } from "./fixed_effects.ts";

interface FakeInvoice {
  readonly head: Omit<ProviderInvoice, "lines" | "totalMinor" | "amountDueMinor">;
  readonly plan: PlanVersion;
}

/**
 * A billing provider in memory: keeps events by identifier, sums them per customer, and bills them
 * with its own copy of the plan. It can be told to crash before or after a call takes effect, and
 * to lose events after accepting them.
 */
export class FakeProvider implements BillingProvider {
  readonly mode = "simulator";
  readonly plans = new Map<string, PlanVersion>();
  readonly customers = new Map<string, string>();
  readonly subscriptions = new Map<string, ProviderSubscription>();
  readonly events = new Map<string, MeterEvent>();
  readonly items = new Map<string, InvoiceItemSpec>();
  readonly credits = new Map<string, CreditSpec>();
  readonly errorReports = new Map<string, MeterErrorReport>();
  readonly notices: ProviderNotice[] = [];
  readonly calls: string[] = [];
  /** Throws once when this call comes, after it took effect when `after` is set. */
  crash: { readonly call: string; readonly after: boolean } | null = null;
  #drafts = new Map<string, FakeInvoice>();

  constructor(readonly clock: FixedClock) {}

  sendMeterEvent(event: MeterEvent): Promise<SendOutcome> {
    if (this.events.has(event.identifier)) return Promise.resolve({ kind: "already_exists" });
    this.events.set(event.identifier, event);
    return Promise.resolve({ kind: "delivered" });
  }

  async sendMeterEvents(events: readonly MeterEvent[]): Promise<readonly SendOutcome[]> {
    return await Promise.all(events.map((event) => this.sendMeterEvent(event)));
  }

  summaries(query: SummaryQuery): Promise<readonly MeterSummary[]> {
    const { startMs, endMs } = query;
    return Promise.resolve([{ startMs, endMs, units: this.#units(query) }]);
  }

  meterErrors(eventId: string): Promise<MeterErrorReport> {
    const report = this.errorReports.get(eventId);
    if (report === undefined) throw new Error(`No report ${eventId}`);
    return Promise.resolve(report);
  }

  checkPlan(plan: PlanVersion) {
    return accept(plan);
  }

  ensureMeter({ eventName }: { eventName: string }) {
    return Promise.resolve({ stripeMeterId: `mtr_${eventName}` });
  }

  ensureCustomer({ tenantId }: { tenantId: string }) {
    return this.#call("ensureCustomer", () => {
      this.customers.set(tenantId, `cus_${tenantId}`);
      return { stripeCustomerId: `cus_${tenantId}` };
    });
  }

  ensurePlan(plan: PlanVersion): Promise<ProvisionedPlan> {
    return this.#call("ensurePlan", () => {
      this.plans.set(plan.planRevision, plan);
      return { planRevision: plan.planRevision, productId: `prod_${plan.planId}`, prices: [] };
    });
  }

  ensureSubscription(spec: SubscriptionSpec): Promise<ProviderSubscription> {
    return this.#call("ensureSubscription", () => {
      const stripeSubscriptionId = `sub_${spec.tenantId}`;
      const known = this.subscriptions.get(stripeSubscriptionId);
      if (known !== undefined) return known;
      const period = periodAt(this.clock.nowMs(), "month");
      const made: ProviderSubscription = {
        stripeSubscriptionId,
        stripeCustomerId: spec.stripeCustomerId,
        status: "active",
        currentPeriodStartMs: period.startMs,
        currentPeriodEndMs: period.endMs,
        planRevision: spec.plan.planRevision,
        pricesSinceMs: this.clock.nowMs(),
      };
      this.subscriptions.set(stripeSubscriptionId, made);
      return made;
    });
  }

  changePlan(spec: { stripeSubscriptionId: string; plan: ProvisionedPlan }) {
    return this.#call("changePlan", () => {
      const { planRevision } = spec.plan;
      const pricesSinceMs = this.clock.nowMs();
      return this.setSubscription(spec.stripeSubscriptionId, { planRevision, pricesSinceMs });
    });
  }

  cancelSubscription(stripeSubscriptionId: string) {
    return Promise.resolve(this.setSubscription(stripeSubscriptionId, { status: "canceled" }));
  }

  subscription(id: string) {
    return this.#call("subscription", () => this.subscriptions.get(id) ?? null);
  }

  /** What `probe` answers; all is well unless a test says otherwise. */
  probed: ProviderProbe = {
    clockAheadMs: 0,
    roundTripMs: 1,
    rights: [{ resource: "Customers", access: "write", outcome: "granted", detail: null }],
    meters: [],
    webhooks: [],
  };

  probe(): Promise<ProviderProbe> {
    return Promise.resolve(this.probed);
  }

  /** Test control: what Stripe would change by itself. */
  setSubscription(id: string, changes: Partial<ProviderSubscription>): ProviderSubscription {
    const known = this.subscriptions.get(id);
    if (known === undefined) throw new Error(`No subscription ${id}`);
    const changed = { ...known, ...changes };
    this.subscriptions.set(id, changed);
    return changed;
  }

  /** Test control: the period is over and Stripe drafts its invoice. */
  draftInvoice(subscriptionId: string, periodStartMs: number): string {
    const subscription = this.subscriptions.get(subscriptionId);
    const plan = this.plans.get(subscription?.planRevision ?? "");
    if (subscription === undefined || plan === undefined) throw new Error("Nothing to invoice");
    const period = periodAt(periodStartMs, plan.interval);
    const invoiceId = `in_${subscriptionId}_${period.periodId}`;
    this.#drafts.set(invoiceId, {
      plan,
      head: {
        invoiceId,
        number: null,
        status: "draft",
        stripeCustomerId: subscription.stripeCustomerId,
        stripeSubscriptionId: subscriptionId,
        currency: plan.currency,
        periodStartMs: period.startMs,
        periodEndMs: period.endMs,
        createdAtMs: this.clock.nowMs(),
        autoAdvance: true,
        finalizesAtMs: this.clock.nowMs() + 3_600_000,
        hostedUrl: null,
      },
    });
    return invoiceId;
  }

  invoices({ stripeCustomerId }: { stripeCustomerId: string }) {
    const own = [...this.#drafts.values()].filter(({ head }) =>
      head.stripeCustomerId === stripeCustomerId
    );
    return Promise.resolve(own.map((draft) => this.#view(draft)));
  }

  invoice(invoiceId: string) {
    const draft = this.#drafts.get(invoiceId);
    return Promise.resolve(draft === undefined ? null : this.#view(draft));
  }

  previewInvoice(query: { stripeCustomerId: string; stripeSubscriptionId: string }) {
    const subscription = this.subscriptions.get(query.stripeSubscriptionId);
    const plan = this.plans.get(subscription?.planRevision ?? "");
    if (plan === undefined) throw new Error("No such subscription");
    const period = periodAt(this.clock.nowMs(), plan.interval);
    const head: FakeInvoice["head"] = {
      invoiceId: "upcoming",
      number: null,
      status: "preview",
      ...query,
      currency: plan.currency,
      periodStartMs: period.startMs,
      periodEndMs: period.endMs,
      createdAtMs: this.clock.nowMs(),
      autoAdvance: false,
      finalizesAtMs: null,
      hostedUrl: null,
    };
    return Promise.resolve(this.#view({ head, plan }));
  }

  holdInvoice(invoiceId: string) {
    return this.#call(
      "holdInvoice",
      () => this.#change(invoiceId, { autoAdvance: false, finalizesAtMs: null }),
    );
  }

  finalizeInvoice(invoiceId: string) {
    return this.#call("finalizeInvoice", () => this.#change(invoiceId, { status: "open" }));
  }

  ensureInvoiceItem(spec: InvoiceItemSpec) {
    this.items.set(spec.key, spec);
    return Promise.resolve({ invoiceItemId: `ii_${spec.key}` });
  }

  ensureCredit(spec: CreditSpec) {
    return this.#call("ensureCredit", () => {
      this.credits.set(spec.key, spec);
      return { creditGrantId: `cg_${spec.key}` };
    });
  }

  checkoutUrl() {
    return Promise.resolve("https://checkout.example/session");
  }

  portalUrl() {
    return Promise.resolve("https://portal.example/session");
  }

  noticesSince({ sinceMs, limit }: { sinceMs: number; limit: number }) {
    const due = this.notices.filter(({ createdAtMs }) => createdAtMs >= sinceMs);
    return Promise.resolve(due.slice(0, limit));
  }

  #view({ head, plan }: FakeInvoice): ProviderInvoice {
    const { stripeCustomerId, periodStartMs, periodEndMs } = head;
    const span = { periodStartMs, periodEndMs, proration: false, key: null };
    const usage = plan.meters.flatMap(({ meter, price, includedUnits }): ProviderInvoiceLine[] => {
      const units = this.#units({
        eventName: meter,
        stripeCustomerId,
        startMs: periodStartMs,
        endMs: periodEndMs,
      });
      return priceUnits(price, includedUnits, units).trace.map((part) => ({
        description: meter,
        meter,
        units: part.toUnits - part.fromUnits,
        amountMinor: part.amountMinor,
        ...span,
      }));
    });
    const items = [...this.items.values()].filter(({ invoiceId }) => invoiceId === head.invoiceId)
      .map(({ key, description, amountMinor }) => ({
        description,
        meter: null,
        units: 0n,
        amountMinor,
        ...span,
        key,
      }));
    const lines = [...usage, ...items];
    const totalMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0n);
    return { ...head, lines, totalMinor, amountDueMinor: totalMinor };
  }

  #change(invoiceId: string, changes: Partial<FakeInvoice["head"]>): ProviderInvoice {
    const draft = this.#drafts.get(invoiceId);
    if (draft === undefined) throw new Error(`No invoice ${invoiceId}`);
    const changed = { ...draft, head: { ...draft.head, ...changes } };
    this.#drafts.set(invoiceId, changed);
    return this.#view(changed);
  }

  #units(query: Omit<SummaryQuery, "grouping">): Units {
    return [...this.events.values()]
      .filter((event) =>
        event.eventName === query.eventName &&
        event.stripeCustomerId === query.stripeCustomerId &&
        event.timestampMs >= query.startMs && event.timestampMs < query.endMs
      )
      .reduce((sum, { units }) => sum + units, 0n);
  }

  #call<T>(name: string, effect: () => T): Promise<T> {
    this.calls.push(name);
    const crash = this.crash?.call === name ? this.crash : null;
    if (crash !== null) this.crash = null;
    if (crash !== null && !crash.after) return Promise.reject(new Error(`crash before ${name}`));
    const value = effect();
    if (crash !== null) return Promise.reject(new Error(`crash after ${name}`));
    return Promise.resolve(value);
  }
}
