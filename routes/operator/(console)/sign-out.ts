import { clearCookie } from "@/lib/http/cookies.ts";
import { seeOther } from "@/lib/http/redirect.ts";
import { define } from "../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async POST(ctx) {
    const { session = null, services: { sessions, env } } = ctx.state;
    if (session !== null) await sessions.end(session);
    return seeOther("/operator/sign-in", {
      "set-cookie": clearCookie("op", { secure: env.secureCookies }),
    });
  },
});
