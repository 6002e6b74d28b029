import type { Attention, HomeModel } from "@/components/operator/HomePage.tsx";

/** Units older than this should have reached Stripe long ago. */
export const UNSENT_ALARM_MS = 15 * 60_000;
/** Stripe should have followed a move by then. */
const MOVE_ALARM_MS = 5 * 60_000;
const DAY_MS = 86_400_000;

type Facts = Omit<HomeModel, "attention" | "names">;

/** What a person has to look at, worst first; each says where to go on. */
export function attentionOf(facts: Facts, nowMs: number): readonly Attention[] {
  return [
    ...books(facts),
    ...choreTrouble(facts),
    ...outbox(facts),
    ...closes(facts),
    ...planMoves(facts, nowMs),
    ...credits(facts),
    ...approvals(facts),
    ...tenants(facts),
    ...anomalies(facts, nowMs),
  ];
}

function books({ books, evidence }: Facts): readonly Attention[] {
  const broken = books.differingLines > 0 || evidence.difference !== 0n && !evidence.moving;
  if (!broken) return [];
  return [{
    key: "books",
    tone: "bad",
    title: "The books differ",
    detail: "Units were acknowledged that no place accounts for, or the other way round. " +
      "Reconcile before the next invoice.",
    href: "/operator/books?show=differ",
  }];
}

function choreTrouble({ chores }: Facts): readonly Attention[] {
  return chores.flatMap(({ name, last, overdue }): Attention[] => {
    const href = `/operator/runs?name=${name}`;
    if (last !== null && !last.ok) {
      const detail = String(last.report["error"] ?? "The run says how.");
      return [{ key: `run-${name}`, tone: "bad", title: `The ${name} run failed`, detail, href }];
    }
    if (!overdue) return [];
    const detail = "Two runs are missing. Is cron running? It can be started by hand.";
    return [{ key: `run-${name}`, tone: "bad", title: `The ${name} run is late`, detail, href }];
  });
}

function outbox({ pipeline }: Facts): readonly Attention[] {
  const { held, doubtful } = pipeline.outbox;
  const { oldestUnsentAgeMs: age } = pipeline;
  const waiting = held.entries + doubtful.entries;
  return [
    ...waiting === 0 ? [] : [{
      key: "outbox",
      tone: "warn" as const,
      title: `${count(waiting, "outbox entry waits", "outbox entries wait")} for a decision`,
      detail: `${held.entries} held, ${doubtful.entries} doubtful: nothing is sent twice, and ` +
        "nothing is dropped, until a person decides.",
      href: "/operator/outbox",
    }],
    ...age === null || age <= UNSENT_ALARM_MS ? [] : [{
      key: "unsent",
      tone: "warn" as const,
      title: "Units wait too long for Stripe",
      detail: "The next flush sends what is due; what stays is held for a reason.",
      href: "/operator/runs?name=flush",
    }],
  ];
}

function closes({ heldCloses, longHeldCloses }: Facts): readonly Attention[] {
  if (heldCloses === 0) return [];
  const long = longHeldCloses > 0;
  return [{
    key: "closes",
    tone: long ? "bad" : "warn",
    title: `${count(heldCloses, "invoice is held", "invoices are held")} back` +
      (long ? `, ${longHeldCloses} for more than a day` : ""),
    detail: "The books of the period do not agree with Stripe yet, or a decision about it waits. " +
      "Each says why.",
    href: "/operator/closes",
  }];
}

/** Most are followed at once, and nearly all within minutes. */
function planMoves({ planMoves }: Facts, nowMs: number): readonly Attention[] {
  const late = planMoves.filter(({ startedAtMs }) => nowMs - startedAtMs >= MOVE_ALARM_MS);
  const [first] = late;
  if (first === undefined) return [];
  return [{
    key: "plan_moves",
    tone: "warn",
    title: `Stripe has yet to follow ${count(late.length, "plan change", "plan changes")}`,
    detail: `${first.tenantId} is on ${first.to}: ${first.detail ?? "not tried yet"}`,
    href: `/operator/tenants/${encodeURIComponent(first.tenantId)}/plan`,
  }];
}

/** Retried by themselves; Stripe's word says whether that helps. */
function credits({ failedCredits }: Facts): readonly Attention[] {
  const [first] = failedCredits;
  if (first === undefined) return [];
  const { length } = failedCredits;
  return [{
    key: "credits",
    tone: "warn",
    title: `Stripe has yet to take ${count(length, "credit", "credits")}`,
    detail: `${first.tenantId}: ${
      first.detail?.replace(/\.$/, "")
    }. Invoices at Stripe draw nothing from it until then.`,
    href: `/operator/tenants/${encodeURIComponent(first.tenantId)}/money`,
  }];
}

function approvals({ approvals }: Facts): readonly Attention[] {
  if (approvals === 0) return [];
  return [{
    key: "approvals",
    tone: "warn",
    title: `${count(approvals, "decision waits", "decisions wait")} for a second person`,
    detail:
      "Large adjustments, credits and corrections bill nothing until then; those of an ended " +
      "period hold its invoice.",
    href: "/operator/approvals",
  }];
}

function tenants({ statuses, unpricedTenants, unsubscribedTenants }: Facts): readonly Attention[] {
  const href = "/operator/tenants";
  return [
    ...unpricedTenants === 0 ? [] : [{
      key: "unpriced",
      tone: "warn" as const,
      title: `${count(unpricedTenants, "tenant", "tenants")} can't be priced`,
      detail: "Their usage is kept and not in the revenue.",
      href,
    }],
    ...statuses.past_due === 0 ? [] : [{
      key: "past_due",
      tone: "warn" as const,
      title: `${count(statuses.past_due, "tenant is", "tenants are")} past due`,
      detail: "They are served until their grace ends.",
      href,
    }],
    ...unsubscribedTenants === 0 ? [] : [{
      key: "unsubscribed",
      tone: "info" as const,
      title: `${count(unsubscribedTenants, "tenant has", "tenants have")} no subscription`,
      detail: "What they use is kept and billed once they are set up at Stripe.",
      href,
    }],
  ];
}

function anomalies({ anomalies }: Facts, nowMs: number): readonly Attention[] {
  const recent = anomalies.filter(({ hourStartMs }) => nowMs - hourStartMs < DAY_MS).length;
  if (recent === 0) return [];
  return [{
    key: "anomalies",
    tone: "info",
    title: `${count(recent, "anomaly", "anomalies")} in the last 24 hours`,
    detail: "Usage far from what its hours lead one to expect.",
    href: "/operator/anomalies",
  }];
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
