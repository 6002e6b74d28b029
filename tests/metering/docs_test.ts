import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
const ROOMS = [
  "billing",
  "chores",
  "contracts",
  "faults",
  "http",
  "kv",
  "metering",
  "platform",
  "simulation",
  "stripe",
  "tenancy",
];
const FAULTS = 30;

const page = await Deno.readTextFile(new URL("docs/exactly-once.md", ROOT));
const rows = page.split("\n").filter((line) => line.startsWith("|"));
const sources = await readTests();

Deno.test("every test that the crash-point table names exists", () => {
  const named = rows.filter((row) => !isFault(row)).flatMap(namesIn);
  const missing = named.filter((name) => {
    const parts = name.split("…").map((part) => part.trim()).filter((part) => part.length > 2);
    return !parts.every((part) => sources.includes(part) || isValue(part));
  });
  assertEquals(missing, []);
  assert(named.length > 20);
});

Deno.test("each of the thirty faults is answered, and shown by tests that exist by their whole names", () => {
  const faults = rows.filter(isFault);
  assertEquals(
    faults.map((row) => row.split("|")[1]?.trim()),
    Array.from({ length: FAULTS }, (_, index) => `F${index + 1}`),
  );
  for (const row of faults) {
    const names = namesIn(row);
    assert(names.length > 0, row);
    // A changing part of a name is written as "…".
    const missing = names.filter((name) =>
      !sources.includes(`"${name}"`) && !sources.includes(`\`${name}\``)
    );
    assertEquals(missing, [], row);
  }
});

function isFault(row: string): boolean {
  return /^\| F\d+ /.test(row);
}

/** What the last cell quotes. */
function namesIn(row: string): string[] {
  const cell = row.split("|").at(-2) ?? "";
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
}

/** The text of all tests, with what changes within a name replaced. */
async function readTests(): Promise<string> {
  let text = "";
  for (const room of ROOMS) {
    for await (const { name } of Deno.readDir(new URL(`tests/${room}/`, ROOT))) {
      if (!name.endsWith(".ts") || name === "docs_test.ts") continue;
      text += await Deno.readTextFile(new URL(`tests/${room}/${name}`, ROOT));
    }
  }
  return text.replaceAll(/\$\{[^}]*\}/g, "…");
}

/** What stands for the changing part of a name. */
function isValue(part: string): boolean {
  return /(drop_before|drop_after|repeat|late)$/.test(part) || /^commit [12] of a send/.test(part);
}
