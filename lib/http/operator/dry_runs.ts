import { z } from "zod";
import { DEFAULT_DRY_RUN_PERIODS, dryRunPlan, MAX_DRY_RUN_PERIODS } from "@/lib/catalog/dry_run.ts";
import { accept, refuse } from "@/lib/domain/result.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import { operation } from "./operation.ts";
import { LIMIT_QUERY, PAGE_QUERY, pageWanted, sealCursor } from "./paging.ts";
import { toJson } from "./to_json.ts";

export const dryRun = operation({
  id: "dryRunPlan",
  method: "POST",
  path: "/operator/v1/plans/{revision}/dry-run",
  tag: "Plans",
  summary: "Replay a draft over the real usage of every tenant on the plan",
  description: "Amounts are whole minor units of the plan's currency. All rows are kept under " +
    "`/operator/v1/dry-runs/{dry_run}`.",
  input: z.strictObject({
    periods: z.int().min(1).max(MAX_DRY_RUN_PERIODS).default(DEFAULT_DRY_RUN_PERIODS),
    include_current: z.boolean().default(true),
  }),
  answer: { status: 201, description: "The sums, to be published with" },
  problems: ["not_found", "not_a_draft", "currency_changed", "interval_changed"],
  async run({ services, params, input: { periods, include_current: includeCurrent } }) {
    const planRevision = params.revision ?? "";
    const ran = await dryRunPlan(services.catalog, planRevision, { periods, includeCurrent });
    if (!ran.ok) return ran;
    const { dryRun } = ran.value;
    const note = {
      chain: OPERATOR_CHAIN,
      action: "plan.dry_run",
      subject: planRevision,
      after: dryRun,
    };
    return accept({ body: toJson(dryRun), note });
  },
});

export const listDryRuns = operation({
  id: "listDryRuns",
  method: "GET",
  path: "/operator/v1/dry-runs",
  tag: "Plans",
  summary: "List dry runs, newest first",
  input: z.strictObject({ ...LIMIT_QUERY, plan_revision: z.string().max(100).optional() }),
  answer: { status: 200, description: "The newest" },
  problems: [],
  async run({ services, input: { limit, plan_revision: planRevision } }) {
    const runs = await services.catalog.dryRuns.dryRuns({
      limit,
      ...(planRevision === undefined ? {} : { planRevision }),
    });
    return accept({ body: { items: toJson(runs) } });
  },
});

export const readDryRun = operation({
  id: "getDryRun",
  method: "GET",
  path: "/operator/v1/dry-runs/{dry_run}",
  tag: "Plans",
  summary: "Read a dry run: its sums, and a page of tenants, largest change first",
  input: z.strictObject(PAGE_QUERY),
  answer: { status: 200, description: "Sums and one page of rows" },
  problems: ["not_found", "invalid_cursor"],
  async run(call) {
    const wanted = pageWanted(call);
    if (!wanted.ok) return wanted;
    const { dryRuns } = call.services.catalog;
    const dryRunId = call.params.dry_run ?? "";
    const found = await dryRuns.dryRun(dryRunId);
    if (found === null) return refuse({ code: "not_found", detail: `No dry run ${dryRunId}` });
    const { rows, cursor } = await dryRuns.dryRunRows({ dryRunId, ...wanted.value });
    return accept({
      body: {
        dry_run: toJson(found),
        items: toJson(rows),
        next_cursor: sealCursor(call, cursor),
      },
    });
  },
});
