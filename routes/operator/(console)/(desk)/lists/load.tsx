import { HttpError, page } from "fresh";
import { listLoadPath } from "@/components/operator/lists/list_path.ts";
import { type ListFormModel, ListFormPage } from "@/components/operator/lists/ListFormPage.tsx";
import { listForm, listHead } from "@/lib/operator/load_lists.ts";
import { define, field } from "../../../(_shared)/operator_state.ts";
import { seeOther } from "@/lib/http/redirect.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Load a list";
    const { services } = ctx.state;
    const listId = ctx.url.searchParams.get("list");
    const head = listId === null ? null : await listHead(services, listId);
    if (listId !== null && head === null) throw new HttpError(404);
    return page(listForm(head, { loadId: services.ids.next("lld"), listId: "" }));
  },
  async POST(ctx) {
    ctx.state.title = "Load a list";
    const { services, visit: { act }, files } = ctx.state;
    const pasted = ctx.state.form.get("text") ?? "";
    const file = files.get("file");
    const version = field(ctx, "version");
    const draft = {
      listId: field(ctx, "listId"),
      kind: field(ctx, "kind"),
      asOf: field(ctx, "asOf"),
      mayShrink: field(ctx, "mayShrink") === "1",
    };
    const again = async (errors: ListFormModel["errors"], status: number) => {
      const head = version === "" ? null : await listHead(services, draft.listId);
      const form = listForm(head, { loadId: services.ids.next("lld"), listId: draft.listId });
      const kept = { ...form.draft, ...draft, text: pasted };
      return page<ListFormModel>({ ...form, draft: kept, errors }, { status });
    };
    const text = file === undefined ? pasted : await utf8Text(file);
    if (text === null) return await again(["The file is not UTF-8 text"], 422);
    if (file !== undefined && pasted.trim() !== "") {
      return await again(["Choose a file or paste the list, not both"], 422);
    }
    const begun = await services.listLoads.begin({
      ...draft,
      text,
      loadId: field(ctx, "loadId"),
      ifVersion: version === "" ? null : version,
      act,
    });
    if (!begun.ok) {
      const { errors = [], detail, code } = begun.error;
      const told = errors.length === 0 ? [detail] : errors.map((error) => error.detail);
      return await again(told, code === "version_mismatch" ? 409 : 422);
    }
    services.listLoads.screen(begun.value.loadId);
    return seeOther(listLoadPath(begun.value.loadId));
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <ListFormPage frame={state.visit.frame} model={data} />
));

async function utf8Text(file: File): Promise<string | null> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.bytes());
  } catch {
    return null;
  }
}
