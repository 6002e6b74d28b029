import { assert, assertEquals } from "@std/assert";
import { historyBody, RatingWorld } from "@/tests/support/rating_world.ts";

const DOC = await Deno.readTextFile(new URL("../../docs/rating.md", import.meta.url));

const EXAMPLES = [
  ...DOC.matchAll(/```json rating-request\n(.*?)```\s+```json rating-response\n(.*?)```/gs),
].map(([, request = "", response = ""]) => ({
  request: JSON.parse(request),
  response: JSON.parse(response),
}));

Deno.test("docs/rating.md has worked examples for every kind of part", () => {
  assertEquals(EXAMPLES.length, 4);
});

for (const [index, { request, response }] of EXAMPLES.entries()) {
  Deno.test(`example ${index + 1} of docs/rating.md returns what it shows`, async () => {
    const history = typeof request.history === "string" ? { history: historyBody(1_281) } : {};
    const { body } = await new RatingWorld().rated({ ...request, ...history });
    assertShows(body, response);
  });
}

/** Every value shown is in the answer; the answer may hold more. */
function assertShows(actual: unknown, shown: unknown, path = ""): void {
  if (typeof shown !== "object" || shown === null) {
    return assertEquals([path, actual], [path, shown]);
  }
  assert(typeof actual === "object" && actual !== null, path);
  const members = new Map(Object.entries(actual));
  for (const [key, value] of Object.entries(shown)) {
    assertShows(members.get(key), value, `${path}/${key}`);
  }
}
