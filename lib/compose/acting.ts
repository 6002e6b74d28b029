import { commitOnce } from "@/lib/kv/commit_once.ts";
import { liveDatabaseKey } from "@/lib/kv/keys.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import type { Env } from "@/lib/platform/env.ts";
import { NotActing } from "@/lib/ports/acting.ts";
import type { BillingProvider } from "@/lib/ports/billing_provider.ts";
import type { BillingStore } from "@/lib/ports/billing_store.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { Mailer } from "@/lib/ports/mailer.ts";
import type { Outbound } from "@/lib/ports/outbound.ts";

/**
 * Whether this instance acts on the outside and moves periods, or only looks: decided here, once. A
 * live key acts in production only. A database that a live instance has worked on belongs to it: with
 * any other key, nothing acts on it.
 */
export async function mayAct(env: Env, kv: KvLike): Promise<boolean> {
  if (!env.stripe.pushAllowed) return false;
  const key = liveDatabaseKey();
  if (env.mode !== "live") return (await kv.get(key)).value === null;
  await commitOnce(
    () => kv.atomic().set(key, true),
    async () => {
      const { value, versionstamp } = await kv.get(key);
      return value === null || versionstamp === null
        ? { kind: "unchanged" }
        : { kind: "mine", versionstamp };
    },
  );
  return true;
}

/** What only looks. Anything else of the provider is refused, also what it learns to do one day. */
const READS: ReadonlySet<string | symbol> = new Set<keyof BillingProvider>([
  "mode",
  "summaries",
  "meterErrors",
  "checkPlan",
  "subscription",
  "invoices",
  "invoice",
  "previewInvoice",
  "noticesSince",
  "probe",
]);

export function lookingProvider(provider: BillingProvider): BillingProvider {
  return new Proxy(provider, {
    get(target, name) {
      if (!READS.has(name)) return () => Promise.reject(new NotActing());
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

/** How far the close of a period is can be read, and not moved. */
export function lookingStore(store: BillingStore): BillingStore {
  return { ...store, putPeriodClose: () => Promise.reject(new NotActing()) };
}

export function lookingMailer(logger: Logger): Mailer {
  return {
    send: ({ subject }) => {
      logger.warn("mail_not_sent", { subject, why: "preview" });
      return Promise.resolve({ kind: "failed", detail: new NotActing().message });
    },
  };
}

/** For what tells others; looking things up, as for keys of token services, is not an act. */
export const LOOKING_OUTBOUND: Outbound = {
  send: () => Promise.resolve({ ok: false, code: "unreachable", detail: new NotActing().message }),
};
