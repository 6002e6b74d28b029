import type { ApiContext } from "@/lib/http/define.ts";
import { methods } from "@/lib/http/methods.ts";
import { isLocalScraper, operatorOf } from "@/lib/http/operator_only.ts";
import { problemResponse } from "@/lib/http/problem.ts";

/** Prometheus text, for the operator and for scrapers on this machine. */
export const handler = methods<ApiContext>({
  async GET(ctx) {
    const { services, requestId } = ctx.state;
    if (!isLocalScraper(ctx)) {
      const operator = operatorOf(ctx);
      if (!operator.ok) return problemResponse(operator.error, { requestId });
    }
    await Promise.all([services.pipelineGauges.refresh(), services.closeGauges.refresh()]);
    return new Response(services.metrics.text(), {
      headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
    });
  },
});
