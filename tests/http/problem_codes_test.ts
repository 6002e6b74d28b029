/** Every refusal that the code can make has its status and title in the problem table. */
import { assert, assertEquals } from "@std/assert";
import { PROBLEMS } from "@/lib/http/problem_table.ts";

/** Codes that are no problem of ours over HTTP, and why. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  "results of validating one identifier, within a 200": [
    "format_invalid",
    "checksum_invalid",
    "unknown_type",
    "unregistered",
    "withdrawn",
  ],
  "reasons on the close of a billing period": [
    "amounts_differ",
    "units_differ",
    "close_failed",
    "approval_waiting",
    "billed_later",
    "corrections_waiting",
    "released",
  ],
  "outcomes of a call that we make, told by the caller in words of its own": [
    "timeout",
    "too_large",
    "bad_status",
    "unreachable",
  ],
  "said on the command line, before anything is served": [
    "environment_invalid",
    "invalid_plans_file",
    "nothing_to_restore",
    "instance_running",
    "wrong_word",
    "restore_unfinished",
  ],
  "zod's own word for a check of ours": ["custom"],
};

const LIB = new URL("../../lib/", import.meta.url);
/** Speaks Stripe's codes, to our own Stripe client only. */
const FOREIGN = /^stripe\/simulator\//;

Deno.test("every refusal code in lib/ has a status and a title", async () => {
  const excepted = new Set(Object.values(EXCEPTIONS).flat());
  const found = await codesOf(LIB);
  assert(found.size > 120, `only ${found.size} codes were found`);
  const unlisted = [...found].filter(([code]) =>
    !Object.hasOwn(PROBLEMS, code) && !excepted.has(code)
  );
  assertEquals(unlisted, []);
});

Deno.test("no exception has become one of our problems, or is gone", async () => {
  const found = await codesOf(LIB);
  for (const code of Object.values(EXCEPTIONS).flat()) {
    assert(!Object.hasOwn(PROBLEMS, code), `${code} is listed as a problem`);
    assert(found.has(code), `${code} is not used any more`);
  }
});

/** Codes with a file that makes them: what stands after `code:`, and unions of such types. */
async function codesOf(folder: URL): Promise<ReadonlyMap<string, string>> {
  const codes = new Map<string, string>();
  for await (const [name, text] of sources(folder, "")) {
    for (const [, value = ""] of text.matchAll(/\bcode:\s*([^,;}){]+)/g)) {
      for (const [, code = ""] of value.matchAll(/"([a-z][a-z0-9]*(?:_[a-z0-9]+)*)"/g)) {
        // `"code" in error` and `typeof x === "string"` make none.
        if (!/\bin error\b|\btypeof\b/.test(value)) codes.set(code, name);
      }
    }
  }
  return codes;
}

async function* sources(folder: URL, path: string): AsyncGenerator<readonly [string, string]> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(path, folder))) {
    const inner = `${path}${name}`;
    if (FOREIGN.test(`${inner}/`)) continue;
    if (isDirectory) yield* sources(folder, `${inner}/`);
    else if (/\.tsx?$/.test(name)) yield [inner, await Deno.readTextFile(new URL(inner, folder))];
  }
}
