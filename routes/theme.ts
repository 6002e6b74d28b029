import { createDefine } from "fresh";
import { ownPath, seeOther } from "@/lib/http/redirect.ts";
import { type PageState, THEME_COOKIE } from "./(_shared)/page_state.ts";

const YEAR_SECONDS = 31_536_000;
const THEMES = ["system", "light", "dark"];

/** Sets the theme and goes back; it changes nothing but this browser's cookie. */
export const handler = createDefine<PageState>().handlers({
  async POST(ctx) {
    const form = await ctx.req.formData();
    const asked = String(form.get("theme"));
    const theme = THEMES.includes(asked) ? asked : "system";
    const secure = ctx.url.protocol === "https:" ? "; Secure" : "";
    return seeOther(backPath(ctx.req, ctx.url), {
      "set-cookie":
        `${THEME_COOKIE}=${theme}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax${secure}`,
    });
  },
});

function backPath(req: Request, own: URL): string {
  const from = URL.parse(req.headers.get("referer") ?? "");
  if (from === null || from.host !== own.host) return "/";
  return ownPath(`${from.pathname}${from.search}`, "/");
}
