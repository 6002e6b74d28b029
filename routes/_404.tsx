import { page, type PageProps } from "fresh";
import { ErrorPage } from "@/components/ui/ErrorPage.tsx";
import { PLAIN_VIEWER } from "@/components/ui/viewer.ts";
import { type PageState, themeOf } from "./(_shared)/page_state.ts";

/** The page alone would be answered with 200. */
export const handler = () => page(undefined, { status: 404 });

export default function NotFound({ req, state }: PageProps<unknown, PageState>) {
  return (
    <ErrorPage
      viewer={PLAIN_VIEWER}
      theme={themeOf(req)}
      status={404}
      requestId={state.requestId ?? null}
    />
  );
}
