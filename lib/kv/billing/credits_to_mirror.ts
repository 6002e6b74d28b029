import type { Credit, CreditToMirror, MoneyLedger } from "@/lib/ports/money_ledger.ts";
import { creditsToMirrorPrefix, creditToMirrorKey } from "../keys.ts";
import type { KvAtomicLike, KvLike } from "../kv_like.ts";

type CreditsToMirror = Pick<
  MoneyLedger,
  "creditsToMirror" | "putCreditToMirror" | "endCreditToMirror"
>;

/** What Stripe has yet to be given, beside the credits themselves: few wait at any time. */
export function createCreditsToMirror(kv: KvLike): CreditsToMirror {
  return {
    async creditsToMirror({ tenantId, limit }) {
      const waits = [];
      const selector = { prefix: creditsToMirrorPrefix(tenantId) };
      const options = limit === undefined ? {} : { limit };
      for await (const { value, versionstamp } of kv.list<CreditToMirror>(selector, options)) {
        waits.push({ value, versionstamp });
      }
      return waits;
    },
    async putCreditToMirror(wait, versionstamp) {
      const key = creditToMirrorKey(wait.tenantId, wait.creditId);
      // What a lost reply hides is only how often and why it was tried.
      const { ok } = await kv.atomic().check({ key, versionstamp }).set(key, wait).commit();
      return ok ? { ok } : { ok, code: "conflict" };
    },
    async endCreditToMirror({ tenantId, creditId }, versionstamp) {
      const key = creditToMirrorKey(tenantId, creditId);
      await kv.atomic().check({ key, versionstamp }).delete(key).commit();
    },
  };
}

/** In the commit of the credit: a new one waits for Stripe, one that Stripe has does not. */
export function writeCreditToMirror(
  atomic: KvAtomicLike,
  { tenantId, creditId, creditGrantId, createdAtMs }: Credit,
  { isNew }: { readonly isNew: boolean },
): KvAtomicLike {
  const key = creditToMirrorKey(tenantId, creditId);
  if (creditGrantId !== null) return atomic.delete(key);
  if (!isNew) return atomic;
  const wait = { attempts: 0, nextAttemptAtMs: createdAtMs, detail: null };
  return atomic.set(key, { tenantId, creditId, ...wait } satisfies CreditToMirror);
}
