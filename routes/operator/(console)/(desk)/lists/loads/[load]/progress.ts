import { HttpError } from "fresh";
import type { LoadStep } from "@/islands/LoadProgress.tsx";
import { define } from "../../../../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const load = await ctx.state.services.listLoads.load(ctx.params.load ?? "");
    if (load === null) throw new HttpError(404);
    const { state, tenantsDone: done, tenantsTotal: total, instruments } = load;
    return Response.json({ state, done, total, instruments } satisfies LoadStep, {
      headers: { "cache-control": "no-store" },
    });
  },
});
