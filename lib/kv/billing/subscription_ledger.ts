import type {
  BillingMirror,
  PlanChangeRow,
  PlanMove,
  SubscriptionLedger,
} from "@/lib/ports/subscription_ledger.ts";
import {
  billingMirrorKey,
  planChangeKey,
  planChangesPrefix,
  planMoveKey,
  planMovesPrefix,
  tenantByCustomerKey,
} from "../keys.ts";
import type { KvLike } from "../kv_like.ts";
import { versioned } from "../versioned.ts";
import { mustCommit } from "./commit.ts";

/** Plan changes of one tenant that one read returns. */
const MAX_PLAN_CHANGES = 1_000;

export function createSubscriptionLedger(kv: KvLike): SubscriptionLedger {
  return {
    tenantOf: async (stripeCustomerId) =>
      (await kv.get<string>(tenantByCustomerKey(stripeCustomerId))).value,
    linkCustomer: async ({ stripeCustomerId, tenantId }) => {
      const atomic = kv.atomic().set(tenantByCustomerKey(stripeCustomerId), tenantId);
      await mustCommit(atomic, "link a customer");
    },
    mirror: async (tenantId) => (await kv.get<BillingMirror>(billingMirrorKey(tenantId))).value,
    putMirror: async (mirror) => {
      await mustCommit(kv.atomic().set(billingMirrorKey(mirror.tenantId), mirror), "keep a mirror");
    },
    async planChanges(tenantId) {
      const rows: PlanChangeRow[] = [];
      const options = { limit: MAX_PLAN_CHANGES };
      for await (const { value } of kv.list<PlanChangeRow>(prefix(tenantId), options)) {
        rows.push(value);
      }
      return rows;
    },
    putPlanChange: async (row) => {
      const atomic = kv.atomic().set(planChangeKey(row.tenantId, row.atMs), row);
      await mustCommit(atomic, "keep a plan change");
    },
    planMove: async (tenantId) => versioned(await kv.get<PlanMove>(planMoveKey(tenantId))),
    async planMoves({ limit }) {
      const moves: PlanMove[] = [];
      for await (const { value } of kv.list<PlanMove>({ prefix: planMovesPrefix() }, { limit })) {
        moves.push(value);
      }
      return moves;
    },
    async putPlanMove(move, versionstamp) {
      const key = planMoveKey(move.tenantId);
      // What a lost reply hides is only how often and why it was tried.
      const { ok } = await kv.atomic().check({ key, versionstamp }).set(key, move).commit();
      return ok ? { ok } : { ok, code: "conflict" };
    },
    async endPlanMove(tenantId, versionstamp) {
      const key = planMoveKey(tenantId);
      await kv.atomic().check({ key, versionstamp }).delete(key).commit();
    },
  };
}

function prefix(tenantId: string): Deno.KvListSelector {
  return { prefix: planChangesPrefix(tenantId) };
}
