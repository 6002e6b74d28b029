import { createDefine, HttpError, page } from "fresh";
import { ProblemsPage } from "@/components/docs/ProblemsPage.tsx";
import { PROBLEMS } from "@/lib/http/problem_table.ts";
import { type PageState, themeOf } from "../../(_shared)/page_state.ts";
import { publicViewer } from "../../(_shared)/public_viewer.ts";

const define = createDefine<PageState>();

export const handler = define.handlers({
  GET(ctx) {
    const code = ctx.params.code ?? "";
    const problem = Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code] : undefined;
    if (problem === undefined) throw new HttpError(404);
    ctx.state.title = problem.title;
    return page({
      viewer: publicViewer(ctx),
      theme: themeOf(ctx.req),
      heading: problem.title,
      problems: [{ code, ...problem }],
    });
  },
});

export default define.page<typeof handler>(({ data }) => <ProblemsPage {...data} />);
