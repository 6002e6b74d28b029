import type { ApiContext } from "@/lib/http/define.ts";
import { methods } from "@/lib/http/methods.ts";
import { problemResponse } from "@/lib/http/problem.ts";

/** The database answers, so calls can be served. */
export const handler = methods<ApiContext>({
  async GET({ state }) {
    try {
      await state.services.tenants.epoch();
      return Response.json({ status: "ready" }, { headers: { "cache-control": "no-store" } });
    } catch {
      const detail = "The database does not answer; calls can't be made durable";
      const { requestId } = state;
      const headers = { "retry-after": "1" };
      return problemResponse({ code: "unavailable", detail }, { requestId, headers });
    }
  },
});
