import { ProviderError } from "@/lib/ports/billing_provider.ts";
import type { Credit, CreditToMirror } from "@/lib/ports/money_ledger.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import type { BillingDeps } from "./deps.ts";
import { mirrorCredit } from "./mirror_credit.ts";

type RetryDeps = Pick<BillingDeps, "clock" | "logger" | "tenants" | "provider" | "store">;

const MINUTE_MS = 60_000;
/** Whoever grants a credit gives it to Stripe at once, and is left alone with it for so long. */
const GRANTING_MS = MINUTE_MS;
const FIRST_DELAY_MS = 5 * MINUTE_MS;
const LONGEST_DELAY_MS = 60 * MINUTE_MS;
/** How soon a tenant who becomes a customer has its credits at Stripe; its first invoice is later. */
const NO_CUSTOMER_DELAY_MS = 6 * 60 * MINUTE_MS;
/** Credits that one run gives, or looks at in vain; the others have their turn in the next ones. */
export const CREDITS_PER_RUN = 20;
const LOOKS_PER_RUN = 200;
/** What is wrong with Stripe as a whole is wrong for the next credit, too. */
const AWAY: readonly string[] = ["unavailable", "throttled", "unauthorized"];

export interface CreditsRetried {
  readonly given: number;
  readonly failed: number;
  /** Due as well, and left to the next runs. */
  readonly left: number;
}

type Wait = Versioned<CreditToMirror>;

/**
 * Gives Stripe those credits that it lacks: it did not answer when they were granted, or their tenant
 * was no customer yet. What finds a credit at Stripe again is the same as for whoever granted it, so
 * that nothing that died or was lost on the way makes a second one. Each waits longer from attempt to
 * attempt, an hour at most, and the one that waited longest comes first. While Stripe is away, one
 * attempt tells for all.
 */
export async function retryCredits(deps: RetryDeps): Promise<CreditsRetried> {
  const nowMs = deps.clock.nowMs();
  const due = (await deps.store.creditsToMirror({}))
    .filter(({ value }) => dueAtMs(value) <= nowMs)
    .sort((a, b) => dueAtMs(a.value) - dueAtMs(b.value));
  const counts = { given: 0, failed: 0 };
  let looks = 0;
  for (const wait of due.slice(0, LOOKS_PER_RUN)) {
    if (counts.given + counts.failed === CREDITS_PER_RUN) break;
    looks += 1;
    const outcome = await retryCredit(deps, wait);
    if (outcome === "given") counts.given += 1;
    if (outcome === "failed" || outcome === "away") counts.failed += 1;
    if (outcome === "away") break;
  }
  return { ...counts, left: due.length - looks };
}

function dueAtMs({ attempts, nextAttemptAtMs }: CreditToMirror): number {
  return attempts === 0 ? nextAttemptAtMs + GRANTING_MS : nextAttemptAtMs;
}

/** `none`: nothing is to be given, nobody to give it to yet, or somebody else was faster. */
async function retryCredit(
  deps: RetryDeps,
  wait: Wait,
): Promise<"given" | "failed" | "away" | "none"> {
  const { tenantId, creditId } = wait.value;
  try {
    const credit = (await deps.store.credits(tenantId))
      .find(({ value }) => value.creditId === creditId)?.value;
    const tenant = (await deps.tenants.tenant(tenantId))?.value;
    if (credit === undefined || credit.creditGrantId !== null || isOver(credit, deps)) {
      await deps.store.endCreditToMirror(wait.value, wait.versionstamp);
      return "none";
    }
    if (tenant === undefined || tenant.stripeCustomerId === null) {
      await later(deps, wait, { delayMs: NO_CUSTOMER_DELAY_MS });
      return "none";
    }
    const mirrored = await mirrorCredit(deps, tenant, credit);
    // Our row moved on meanwhile: somebody else gave it, or the next run finds it at Stripe.
    return mirrored.creditGrantId === null ? "none" : "given";
  } catch (error) {
    await failed(deps, wait, error instanceof Error ? error.message : String(error));
    return error instanceof ProviderError && AWAY.includes(error.code) ? "away" : "failed";
  }
}

/** Stripe takes no grant that has expired, and none would pay for anything. */
function isOver({ expiresAtMs }: Credit, { clock }: RetryDeps): boolean {
  return expiresAtMs !== null && expiresAtMs <= clock.nowMs();
}

async function failed(deps: RetryDeps, wait: Wait, detail: string): Promise<void> {
  const { tenantId, creditId } = wait.value;
  const attempts = wait.value.attempts + 1;
  deps.logger.warn("credit_not_given", { tenantId, creditId, attempts, detail });
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(attempts - 1, 10), LONGEST_DELAY_MS);
  await later(deps, wait, { delayMs, attempts, detail });
}

/** Somebody else may have given it meanwhile: then there is nothing to note. */
async function later(
  { store, clock }: RetryDeps,
  { value, versionstamp }: Wait,
  { delayMs, ...change }: {
    readonly delayMs: number;
    readonly attempts?: number;
    readonly detail?: string;
  },
): Promise<void> {
  const nextAttemptAtMs = clock.nowMs() + delayMs;
  await store.putCreditToMirror({ ...value, ...change, nextAttemptAtMs }, versionstamp);
}
