import type { KvLike } from "@/lib/kv/kv_like.ts";
import type { KvAtomic } from "../support/memory_store.ts";
import { RewritingKv } from "../support/rewriting_kv.ts";
import type { StripeClient } from "./stripe_client.ts";
import type { World } from "./world.ts";

/** One protection taken away, around the product's code and not in it. */
export interface Ablation {
  readonly name: string;
  readonly removes: string;
  readonly kv?: (kv: KvLike, world: World) => KvLike;
  readonly stripe?: (client: StripeClient) => StripeClient;
}

export const ABLATIONS: readonly Ablation[] = [
  withoutChecks({
    name: "slot_check",
    removes: "the check that a segment's place is as its writer last saw it",
    kinds: ["log"],
  }),
  withoutChecks({
    name: "cursor_check",
    removes: "the check of the fold's cursor",
    kinds: ["ring_cursor"],
  }),
  withoutChecks({
    name: "epoch_check",
    removes: "the check of the configuration that a call was decided under",
    kinds: ["config_epoch"],
  }),
  withoutChecks({
    name: "ring_check",
    removes: "the check that a ring is still its writer's",
    kinds: ["ring"],
  }),
  withoutChecks({
    name: "guard_check",
    removes: "the check that an idempotency key or event id is unused",
    kinds: ["reply", "usage_event"],
  }),
];

function withoutChecks(
  { name, removes, kinds }: {
    readonly name: string;
    readonly removes: string;
    readonly kinds: readonly string[];
  },
): Ablation {
  const atomic = ({ checks, mutations }: KvAtomic) => ({
    checks: checks.filter(({ key }) => !kinds.includes(String(key[0]))),
    mutations,
  });
  return { name, removes, kv: (kv) => new RewritingKv(kv, { atomic }) };
}
