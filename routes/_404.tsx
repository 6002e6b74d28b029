import { createDefine, page, type PageProps } from "fresh";
import { ErrorPage } from "@/components/ui/ErrorPage.tsx";
import { PLAIN_VIEWER } from "@/components/ui/viewer.ts";
import { acceptedLanguage } from "@/lib/i18n/accepted_language.ts";
import { type PageState, themeOf } from "./(_shared)/page_state.ts";

/**
 * The page alone would be answered with 200. A path of the portal that is none of its pages has
 * passed no middleware, so its language is found out here.
 */
export const handler = createDefine<PageState>().handlers((ctx) => {
  if (/^\/portal(\/|$)/.test(ctx.url.pathname)) {
    ctx.state.lang ??= acceptedLanguage(ctx.req.headers.get("accept-language"));
  }
  return page(undefined, { status: 404 });
});

export default function NotFound({ req, state }: PageProps<unknown, PageState>) {
  return (
    <ErrorPage
      viewer={{ ...PLAIN_VIEWER, locale: state.lang ?? "en" }}
      theme={themeOf(req)}
      status={404}
      requestId={state.requestId ?? null}
    />
  );
}
