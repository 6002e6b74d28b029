import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { createKvIssuerStore } from "@/lib/kv/issuer_store.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { createKvMemberStore } from "@/lib/kv/member_store.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import {
  createKvAttemptStore,
  createKvOneTimeStore,
  createKvPasskeyStore,
  createKvSessionStore,
} from "@/lib/kv/session_store.ts";
import { createSubmissionStore } from "@/lib/kv/submission_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Services } from "@/lib/services.ts";

/** What every part of the composition is made from. */
export type Basics = Pick<Services, "env" | "clock" | "ids" | "logger" | "metrics"> & {
  readonly kv: KvLike;
};

export function composeStores(kv: KvLike, clock: Clock) {
  return {
    tenants: createKvTenantStore(kv),
    plans: createKvPlanStore(kv),
    issuers: createKvIssuerStore(kv),
    members: createKvMemberStore(kv),
    audit: createKvAuditLog(kv),
    sessionStore: createKvSessionStore(kv),
    oneTime: createKvOneTimeStore(kv, () => clock.nowMs()),
    attempts: createKvAttemptStore(kv),
    passkeys: createKvPasskeyStore(kv),
    submissions: createSubmissionStore(kv),
  };
}

export type Stores = ReturnType<typeof composeStores>;
