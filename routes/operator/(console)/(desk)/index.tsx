import { page } from "fresh";
import { HomePage } from "@/components/operator/HomePage.tsx";
import { loadHome } from "@/lib/operator/load_home.ts";
import { define } from "../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Operator home";
    return page(await loadHome(ctx.state.services));
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <HomePage frame={state.visit.frame} model={data} />
));
