import { page } from "fresh";
import { ListsPage } from "@/components/operator/lists/ListsPage.tsx";
import { loadLists } from "@/lib/operator/load_lists.ts";
import { define } from "../../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Prices and lists";
    return page(await loadLists(ctx.state.services));
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <ListsPage frame={state.visit.frame} model={data} />
));
