import type { PageProps } from "fresh";
import { asset } from "fresh/runtime";
import { HtmlPage } from "@/components/ui/HtmlPage.tsx";
import { type PageState, themeOf } from "./(_shared)/page_state.ts";

export default function ClawmeterDocument(
  { Component, req, state }: PageProps<unknown, PageState>,
) {
  return (
    <HtmlPage
      title={state.title === undefined ? "Clawmeter" : `${state.title} · Clawmeter`}
      lang={state.lang ?? "en"}
      theme={themeOf(req)}
      asset={asset}
      refreshSeconds={state.refreshSeconds}
    >
      <Component />
    </HtmlPage>
  );
}
