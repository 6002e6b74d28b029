import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { formIds, newFormMark } from "@/lib/tenancy/form_ids.ts";
import { createIds } from "@/lib/platform/ids.ts";

const NOW = Date.UTC(2026, 4, 15, 12);
const IDS = createIds({ nowMs: () => NOW });
const MARK = newFormMark({ ids: IDS, nowMs: NOW });
const WHO = { secret: "of the session", typed: ["ten_a", "Night batch"], nowMs: NOW };

Deno.test("a form that is sent twice draws the same ids and bytes twice", () => {
  const [first, second] = [formIds(MARK, WHO), formIds(MARK, { ...WHO, nowMs: NOW + 60_000 })];
  assert(first !== null && second !== null);
  assertEquals(first.next("key"), second.next("key"));
  assertEquals(first.bytes(32), second.bytes(32));
});

Deno.test("another text, another session or another showing of the form draws others", () => {
  const id = formIds(MARK, WHO)?.next("key");
  const other = newFormMark({ ids: IDS, nowMs: NOW });
  assertNotEquals(id, formIds(MARK, { ...WHO, typed: ["ten_a", "Day batch"] })?.next("key"));
  assertNotEquals(id, formIds(MARK, { ...WHO, secret: "of another" })?.next("key"));
  assertNotEquals(id, formIds(other, WHO)?.next("key"));
});

Deno.test("a mark that is none of ours, of the future or half an hour old draws nothing", () => {
  for (const mark of ["", "x", "frm_0123456789ab", `${NOW}.frm_`, `-1.frm_0123456789ab`]) {
    assertEquals(formIds(mark, WHO), null, mark);
  }
  assertEquals(formIds(MARK, { ...WHO, nowMs: NOW - 1 }), null);
  assertNotEquals(formIds(MARK, { ...WHO, nowMs: NOW + 30 * 60_000 - 1 }), null);
  assertEquals(formIds(MARK, { ...WHO, nowMs: NOW + 30 * 60_000 }), null);
});
