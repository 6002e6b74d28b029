/**
 * A process that compares ledger and Stripe on the database file of its argument, and hangs at the
 * third tenant until it is killed.
 */
import { startReconcile } from "@/lib/billing/reconcile_run.ts";
import { reconcileScene } from "./reconcile_scene.ts";

const { deps, world, names } = await reconcileScene(Deno.args[0] ?? "", 5);
const summaries = world.provider.summaries.bind(world.provider);
// A timer keeps the process alive while nothing else does.
const alive = setInterval(() => {}, 1_000);
world.provider.summaries = (query) => {
  if (query.stripeCustomerId !== `cus_${names[2]}`) return summaries(query);
  console.log("stuck");
  return new Promise(() => {});
};
const act = { actor: { kind: "operator", id: "olga" }, ip: null, requestId: "req_1" } as const;
const started = await startReconcile(deps, { act });
await (started.ok ? started.value.ended : null);
clearInterval(alive);
