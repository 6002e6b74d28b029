import { HttpError, page } from "fresh";
import { StatementPage } from "@/components/portal/StatementPage.tsx";
import { loadStatement } from "@/lib/portal/load_statement.ts";
import { define } from "../../../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const model = await loadStatement(ctx.state.services.portal, {
      ...ctx.state.visit.terms,
      periodId: ctx.params.period ?? "",
    });
    if (model === null) throw new HttpError(404);
    ctx.state.title = ctx.state.say("statement_of", { period: model.periodId });
    return page(model);
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <StatementPage frame={state.visit.frame} model={data} />
));
