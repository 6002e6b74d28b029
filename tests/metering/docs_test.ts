import { assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

Deno.test("every test that the crash-point table names exists", async () => {
  const page = await Deno.readTextFile(new URL("docs/exactly-once.md", ROOT));
  const rows = page.split("\n").filter((line) => line.startsWith("|"));
  const named = rows.flatMap((row) =>
    [...(row.split("|").at(-2) ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name)
  );
  let sources = "";
  for (const room of ["tests/metering/", "tests/billing/", "tests/simulation/"]) {
    for await (const { name } of Deno.readDir(new URL(room, ROOT))) {
      if (name === "docs_test.ts") continue;
      sources += await Deno.readTextFile(new URL(`${room}${name}`, ROOT));
    }
  }
  // Some names are made of a template: every part of a quoted name must be found.
  const expanded = sources.replaceAll(/\$\{[^}]*\}/g, "…");
  const missing = named.filter((name) => {
    const parts = name.split("…").map((part) => part.trim()).filter((part) => part.length > 2);
    return !parts.every((part) => expanded.includes(part) || isValue(part));
  });
  assertEquals(missing, []);
  assertEquals(named.length > 20, true);
});

/** What stands for the changing part of a name. */
function isValue(part: string): boolean {
  return /(drop_before|drop_after|repeat|late)$/.test(part) || /^commit [12] of a send/.test(part);
}
