import { createDefine, page } from "fresh";
import { ProblemsPage } from "@/components/docs/ProblemsPage.tsx";
import { PROBLEMS } from "@/lib/http/problem_table.ts";
import { type PageState, themeOf } from "../../(_shared)/page_state.ts";
import { publicViewer } from "../../(_shared)/public_viewer.ts";

const define = createDefine<PageState>();

export const handler = define.handlers({
  GET(ctx) {
    ctx.state.title = "Problems";
    return page({
      viewer: publicViewer(ctx),
      theme: themeOf(ctx.req),
      heading: "Problems",
      problems: Object.entries(PROBLEMS).map(([code, problem]) => ({ code, ...problem })),
    });
  },
});

export default define.page<typeof handler>(({ data }) => <ProblemsPage {...data} />);
