import { clearCookie } from "@/lib/http/cookies.ts";
import { seeOther } from "@/lib/http/redirect.ts";
import { define } from "./(_shared)/portal_state.ts";

export const handler = define.handlers({
  async POST(ctx) {
    const { session = null, services: { portal } } = ctx.state;
    if (session !== null) await portal.sessions.end(session);
    return seeOther("/portal/sign-in", {
      "set-cookie": clearCookie("sid", { secure: portal.secureCookies }),
    });
  },
});
