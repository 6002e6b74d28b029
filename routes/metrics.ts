import { define } from "@/lib/http/define.ts";
import { isLoopback, operatorOf } from "@/lib/http/operator_only.ts";
import { problemResponse } from "@/lib/http/problem.ts";

/** Prometheus text, for the operator and for scrapers on this machine. */
export const handler = define.handlers({
  async GET(ctx) {
    const { services, ip, requestId } = ctx.state;
    if (!isLoopback(ip)) {
      const operator = operatorOf(ctx);
      if (!operator.ok) return problemResponse(operator.error, { requestId });
    }
    await Promise.all([services.pipelineGauges.refresh(), services.closeGauges.refresh()]);
    return new Response(services.metrics.text(), {
      headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
    });
  },
});
