import type { ApiContext } from "@/lib/http/define.ts";
import { methods } from "@/lib/http/methods.ts";
import { operatorOpenApi } from "@/lib/http/operator/openapi.ts";
import { operatorOf } from "@/lib/http/operator_only.ts";
import { problemResponse } from "@/lib/http/problem.ts";

/** The operator API's description, made from the operations that are served. */
export const handler = methods<ApiContext>({
  GET(ctx) {
    const { services, requestId } = ctx.state;
    const operator = operatorOf(ctx);
    if (!operator.ok) return problemResponse(operator.error, { requestId });
    return Response.json(operatorOpenApi({ baseUrl: services.env.baseUrl }));
  },
});
