import { page } from "fresh";
import { PricesPage } from "@/components/operator/PricesPage.tsx";
import { loadPrices } from "@/lib/operator/load_prices.ts";
import { define } from "../../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Prices";
    return page(await loadPrices(ctx.state.services, ctx.url.searchParams));
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <PricesPage frame={state.visit.frame} model={data} />
));
