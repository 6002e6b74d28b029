import { z } from "zod";
import { accept, refuse } from "@/lib/domain/result.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { ChoreName, ChoreRun } from "@/lib/ports/chores.ts";
import { NOTHING, operation } from "./operation.ts";
import { LIMIT_QUERY } from "./paging.ts";
import { pathTenant } from "./tenant_view.ts";
import { toJson } from "./to_json.ts";

const CHORES = ["flush", "watch", "hourly", "daily"] as const satisfies readonly ChoreName[];

export const listChoreRuns = operation({
  id: "listChoreRuns",
  method: "GET",
  path: "/operator/v1/chores",
  tag: "Chores",
  summary: "List runs of the recurring work, newest first",
  input: z.strictObject({ ...LIMIT_QUERY, name: z.enum(CHORES).optional() }),
  answer: { status: 200, description: "The newest, with what they did" },
  problems: [],
  async run({ services, input: { limit, name } }) {
    const runs = await services.choreRuns.runs({ limit, ...(name === undefined ? {} : { name }) });
    return accept({ body: { items: toJson(runs) } });
  },
});

export const runChore = operation({
  id: "runChore",
  method: "POST",
  path: "/operator/v1/chores/{chore}/run",
  tag: "Chores",
  summary: "Do recurring work now: `flush`, `watch`, `hourly` or `daily`",
  description: "Each run does all that is due and may be repeated at any time.",
  input: NOTHING,
  answer: { status: 200, description: "What was done; `ok` is false when it failed" },
  problems: ["not_found"],
  async run({ services, params }) {
    const name = CHORES.find((known) => known === params.chore);
    if (name === undefined) {
      return refuse({ code: "not_found", detail: `There are ${CHORES.join(", ")}` });
    }
    return noted(await services.chores.run(name));
  },
});

export const flush = operation({
  id: "flush",
  method: "POST",
  path: "/operator/v1/flush",
  tag: "Chores",
  summary: "Fold, seal and send all that is due, now",
  input: NOTHING,
  answer: { status: 200, description: "What was done" },
  problems: [],
  async run({ services }) {
    return noted(await services.chores.everyMinute());
  },
});

export const flushTenant = operation({
  id: "flushTenant",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/flush",
  tag: "Chores",
  summary: "Fold, seal and send what is due of one tenant, now",
  input: NOTHING,
  answer: { status: 200, description: "The tenant's books afterwards" },
  problems: ["unknown_tenant"],
  async run(call) {
    const found = await pathTenant(call);
    if (!found.ok) return found;
    const { services } = call;
    const { tenantId } = found.value.value;
    await services.engine.flush({ tenantId });
    const lines = await services.usage.books({ tenantId });
    return accept({
      body: { items: toJson(lines) },
      note: { chain: tenantId, action: "tenant.flushed", subject: tenantId },
    });
  },
});

function noted(run: ChoreRun) {
  const note = { chain: OPERATOR_CHAIN, action: "chore.run", subject: run.name, after: run };
  return accept({ body: toJson(run), note });
}
