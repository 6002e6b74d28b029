import { HttpError, type PageProps } from "fresh";
import { ErrorPage } from "@/components/ui/ErrorPage.tsx";
import { PLAIN_VIEWER } from "@/components/ui/viewer.ts";
import { type PageState, themeOf } from "./(_shared)/page_state.ts";

export default function Failure({ error, req, state }: PageProps<unknown, PageState>) {
  return (
    <ErrorPage
      viewer={{ ...PLAIN_VIEWER, locale: state.lang ?? "en" }}
      theme={themeOf(req)}
      status={error instanceof HttpError ? error.status : 500}
      requestId={state.requestId ?? null}
    />
  );
}
