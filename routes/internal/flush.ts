import { methods } from "@/lib/http/methods.ts";
import type { ApiContext } from "@/lib/http/define.ts";
import { operatorOf } from "@/lib/http/operator_only.ts";
import { problemResponse } from "@/lib/http/problem.ts";

/** The second trigger beside cron: does all metering work that is due, and says what it was. */
export const handler = methods<ApiContext>({
  async POST(ctx) {
    const operator = operatorOf(ctx);
    if (!operator.ok) {
      return problemResponse(operator.error, { requestId: ctx.state.requestId });
    }
    const report = await ctx.state.services.chores.everyMinute();
    return Response.json(report);
  },
});
