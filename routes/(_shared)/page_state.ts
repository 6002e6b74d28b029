import type { Theme } from "@/components/ui/ThemeSwitch.tsx";
import type { PortalServices } from "@/lib/portal/services.ts";
import type { State } from "@/lib/http/state.ts";

/** What every page may know; `_app.tsx` reads title and language from it. */
export interface PageState extends State<PortalServices> {
  title?: string;
  lang?: string;
  /** For pages of work under way; see `HtmlPage`. */
  refreshSeconds?: number;
}

export const THEME_COOKIE = "theme";

export function themeOf(req: Request): Theme {
  const value = cookieOf(req, THEME_COOKIE);
  return value === "light" || value === "dark" ? value : "system";
}

export function cookieOf(req: Request, name: string): string | null {
  const pairs = (req.headers.get("cookie") ?? "").split(/;\s*/);
  const found = pairs.find((pair) => pair.startsWith(`${name}=`));
  return found === undefined ? null : found.slice(name.length + 1);
}
