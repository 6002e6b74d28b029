import { assert, assertEquals } from "@std/assert";
import { OPERATOR_OPERATIONS } from "@/lib/http/operator/operations.ts";
import { sliceOf } from "@/lib/http/operator/paging.ts";
import { isoTime, toJson } from "@/lib/http/operator/to_json.ts";

Deno.test("times are ISO 8601, ages are seconds, and names are snake_case", () => {
  assertEquals(
    toJson({
      createdAtMs: 0,
      revokedAtMs: null,
      hourStartMs: 3_600_000,
      oldestUnsentAgeMs: 1_500,
      planRevision: "a@1",
    }),
    {
      created_at: "1970-01-01T00:00:00.000Z",
      revoked_at: null,
      hour_start: "1970-01-01T01:00:00.000Z",
      oldest_unsent_age_seconds: 1.5,
      plan_revision: "a@1",
    },
  );
  assertEquals(isoTime(null), null);
});

Deno.test("units are numbers while a number holds them, and text beyond", () => {
  assertEquals(toJson([5n, -(2n ** 53n - 1n), 2n ** 53n]), [5, -(2 ** 53 - 1), "9007199254740992"]);
});

Deno.test("hashes of secrets and versions of stored forms are left out, at every depth", () => {
  const key = { v: 1, keyId: "k", hash: "h", inner: [{ secretHash: "h" }] };
  assertEquals(toJson({ key }), { key: { key_id: "k", inner: [{}] } });
});

Deno.test("pages of a list that is read whole hold each item once and end", () => {
  const items = ["a", "b", "c", "d", "e"];
  const seen: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 9; page++) {
    const slice = sliceOf(items, { limit: 2, ...(cursor === undefined ? {} : { cursor }) }, String);
    assert(slice.ok);
    seen.push(...slice.value.items);
    if (slice.value.position === null) break;
    cursor = slice.value.position;
  }
  assertEquals(seen, items);
  const even = sliceOf(items.slice(0, 2), { limit: 2 }, String);
  assertEquals(even.ok && even.value.position, null);
  const gone = sliceOf(items, { limit: 2, cursor: "z" }, String);
  assertEquals(gone.ok ? null : gone.error.code, "invalid_cursor");
});

Deno.test("docs/operator_api.md lists every operation with its summary", async () => {
  const docs = await Deno.readTextFile(new URL("../../docs/operator_api.md", import.meta.url));
  const rows = [...docs.matchAll(/^\| `([A-Z]+ \/\S+)` \| (.*) \|$/gm)];
  const documented = rows.map(([, call, summary]) => `${call}: ${summary}`);
  const listed = OPERATOR_OPERATIONS.map(({ method, path, summary }) =>
    `${method} ${path}: ${summary}`
  );
  assertEquals(documented, listed);
});
