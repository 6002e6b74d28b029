import { createDefine, HttpError } from "fresh";
import { readForm } from "@/lib/http/body.ts";
import { ownPath, seeOther } from "@/lib/http/redirect.ts";
import { type PageState, THEME_COOKIE } from "./(_shared)/page_state.ts";

const FORM_BYTES_MAX = 8 * 1024;
const YEAR_SECONDS = 31_536_000;
const THEMES = ["system", "light", "dark"];

/** Sets the theme and goes back; it changes nothing but this browser's cookie. */
export const handler = createDefine<PageState>().handlers({
  async POST(ctx) {
    const form = await readForm(ctx.req, { maxBytes: FORM_BYTES_MAX });
    if (!form.ok) throw new HttpError(form.error.code === "body_too_large" ? 413 : 400);
    const asked = form.value.get("theme") ?? "";
    const theme = THEMES.includes(asked) ? asked : "system";
    return seeOther(backPath(ctx.req, ctx.url), {
      "set-cookie": `${THEME_COOKIE}=${theme}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax`,
    });
  },
});

function backPath(req: Request, own: URL): string {
  const from = URL.parse(req.headers.get("referer") ?? "");
  if (from === null || from.host !== own.host) return "/";
  return ownPath(`${from.pathname}${from.search}`, "/");
}
