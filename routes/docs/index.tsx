import { createDefine, page } from "fresh";
import { type ApiReference, ApiReferencePage } from "@/components/docs/ApiReferencePage.tsx";
import { snippetsOf } from "@/components/portal/snippets.ts";
import { openApiDocument } from "@/lib/http/openapi.ts";
import { apiReference } from "@/lib/portal/api_reference.ts";
import { sampleTerms } from "@/lib/portal/sample_terms.ts";
import { type PageState, themeOf } from "../(_shared)/page_state.ts";
import { publicViewer } from "../(_shared)/public_viewer.ts";

const define = createDefine<PageState>();

/** The operations never change while a process runs, and reading them takes longer than the page. */
const references = new Map<string, ApiReference>();

function referenceFor(baseUrl: string): ApiReference {
  const known = references.get(baseUrl) ?? apiReference(openApiDocument({ baseUrl }));
  references.set(baseUrl, known);
  return known;
}

export const handler = define.handlers({
  /** The same document that `/openapi.json` serves, for people. */
  GET(ctx) {
    ctx.state.title = "API reference";
    const { portal } = ctx.state.services;
    const [curl] = snippetsOf({ ...sampleTerms(portal), secret: null });
    return page({
      viewer: publicViewer(ctx),
      theme: themeOf(ctx.req),
      reference: referenceFor(portal.baseUrl),
      firstCall: curl?.code ?? "",
    });
  },
});

export default define.page<typeof handler>(({ data }) => <ApiReferencePage {...data} />);
