import { HttpError, page } from "fresh";
import { listLoadPath } from "@/components/operator/lists/list_path.ts";
import { ListLoadPage } from "@/components/operator/lists/ListLoadPage.tsx";
import { isStalled } from "@/lib/rating/list_loads.ts";
import { LoadProgress } from "@/islands/LoadProgress.tsx";
import { seeOther } from "@/lib/http/redirect.ts";
import { define } from "../../../../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { listLoads, clock } = ctx.state.services;
    const load = await listLoads.load(ctx.params.load ?? "");
    if (load === null) throw new HttpError(404);
    ctx.state.title = `Load of ${load.listId}`;
    return page({ load, isStalled: isStalled(load, clock.nowMs()) });
  },
  /** Goes on with screening whose process is gone. */
  async POST(ctx) {
    const { listLoads } = ctx.state.services;
    const load = await listLoads.load(ctx.params.load ?? "");
    if (load === null) throw new HttpError(404);
    listLoads.screen(load.loadId);
    return seeOther(listLoadPath(load.loadId));
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <ListLoadPage frame={state.visit.frame} model={data}>
    <LoadProgress
      href={`${listLoadPath(data.load.loadId)}/progress`}
      done={data.load.tenantsDone}
      total={data.load.tenantsTotal}
      instruments={data.load.instruments}
    />
  </ListLoadPage>
));
