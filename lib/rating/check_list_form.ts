import { accept, refuse, type Result } from "../domain/result.ts";
import type { ListHead, Stamped } from "../ports/rating.ts";
import type { Act } from "../tenancy/act.ts";
import { type ListText, type ReadList, readListText, withPlaces } from "./list_text.ts";
import { parseBody } from "./parse_body.ts";
import type { RatingProblem } from "./problems.ts";
import { InstrumentIdSchema, type ListBody, ListSchema } from "./schemas.ts";

export interface ListLoadRequest extends ListText {
  /** Chosen by the sender, so that a form that is sent twice loads once. */
  readonly loadId: string;
  readonly listId: string;
  /** Of the list that is to be replaced; `null` for a new one. */
  readonly ifVersion: string | null;
  /** The new list may have fewer than half the entries of the one it replaces. */
  readonly mayShrink: boolean;
  readonly act: Act;
}

/** All that can be refused is refused before anything is written. */
export function checkListForm(
  request: ListLoadRequest,
  replaced: Stamped<ListHead> | null,
): Result<{ readonly read: ReadList; readonly body: ListBody }, RatingProblem> {
  const { listId, ifVersion, mayShrink } = request;
  const id = parseBody(InstrumentIdSchema, listId);
  if (!id.ok) return refuse({ ...id.error, pointer: "/listId", errors: [] });
  const read = readListText(request);
  if (!read.ok) return read;
  const body = parseBody(ListSchema, read.value.body);
  if (!body.ok) return refuse(withPlaces(body.error, read.value));
  if (replaced !== null && ifVersion === null) return refuse(LIST_EXISTS);
  const before = replaced?.value.count ?? 0;
  const count = body.value.entries.length;
  if (!mayShrink && count * 2 < before) return refuse(shrinks(before, count));
  return accept({ read: read.value, body: body.value });
}

const LIST_EXISTS: RatingProblem = {
  code: "version_mismatch",
  detail: "A list of this id exists. Replace it from its own page",
  pointer: "/listId",
};

function shrinks(before: number, count: number): RatingProblem {
  return {
    code: "list_shrinks",
    detail: `The list in force has ${before} entries, this one ${count}. If that is right, say so`,
    pointer: "/mayShrink",
  };
}
