/** The shape of the house: arrows point one way, and effects stay at the edges. */
import { assertEquals } from "@std/assert";
import { judgeImport } from "@/tools/layers.ts";

const ROOT = new URL("../", import.meta.url);
const ROOMS = ["lib", "routes", "components", "islands"];

interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly { readonly specifier: string; readonly typeOnly: boolean }[];
}

const SOURCES = await readSources();

Deno.test("every import points from an outer layer to an inner one", () => {
  const breaches = SOURCES.flatMap(({ path, imports }) =>
    imports.flatMap(({ specifier, typeOnly }) => {
      const message = judgeImport({ from: path, specifier, typeOnly });
      return message === null ? [] : [`${path}: ${message}`];
    })
  );
  assertEquals(breaches, []);
});

Deno.test("the layer judge refuses what it must", () => {
  const refused = [
    { from: "lib/domain/a.ts", specifier: "zod", typeOnly: false },
    { from: "lib/domain/a.ts", specifier: "@/lib/ports/clock.ts", typeOnly: true },
    { from: "lib/metering/a.ts", specifier: "@/lib/kv/keys.ts", typeOnly: false },
    { from: "lib/kv/a.ts", specifier: "../metering/engine.ts", typeOnly: true },
    { from: "lib/billing/a.ts", specifier: "stripe", typeOnly: true },
    { from: "routes/v1/a.ts", specifier: "@/lib/kv/open_kv.ts", typeOnly: false },
    { from: "components/A.tsx", specifier: "@/lib/billing/reconcile.ts", typeOnly: false },
  ];
  assertEquals(refused.filter((use) => judgeImport(use) === null), []);
});

Deno.test("the domain names no effect: no clock, randomness, network, storage or waiting", () => {
  const effects =
    /\bDeno\.|\bDate\.now\b|new Date\(\)|\bMath\.random\b|\bcrypto\.|\bfetch\(|\bsetTimeout\b|\bawait\b|\basync\b/;
  const breaches = SOURCES.filter(({ path }) => path.startsWith("lib/domain/"))
    .filter(({ text }) => effects.test(withoutComments(text)))
    .map(({ path }) => path);
  assertEquals(breaches, []);
});

Deno.test("use cases ask their ports for time and randomness", () => {
  const effects = /\bDeno\.|\bDate\.now\b|new Date\(\)|\bMath\.random\b/;
  const rooms = /^lib\/(metering|billing|catalog|tenancy|auth|rating|portal|operator)\//;
  const breaches = SOURCES.filter(({ path }) => rooms.test(path))
    .filter(({ text }) => effects.test(withoutComments(text)))
    .map(({ path }) => path);
  assertEquals(breaches, []);
});

Deno.test("Deno KV is opened in one place and environment variables are read in one place", () => {
  const opens = SOURCES.filter(({ text }) => /\bDeno\.openKv\(/.test(withoutComments(text)));
  assertEquals(opens.map(({ path }) => path), ["lib/kv/open_kv.ts"]);
  // Whoever holds the database itself could call it without a time limit.
  const holders = SOURCES.filter(({ text }) => /\bDeno\.Kv\b/.test(withoutComments(text)));
  assertEquals(holders.map(({ path }) => path), ["lib/kv/open_kv.ts"]);
  const reads = SOURCES.filter(({ text }) => /\bDeno\.env\b/.test(withoutComments(text)));
  assertEquals(reads.map(({ path }) => path), ["lib/platform/env.ts"]);
});

Deno.test("no module of the app takes part in an import cycle", () => {
  const graph = new Map(SOURCES.map((source) => [source.path, valueTargets(source)]));
  assertEquals(findCycle(graph), null);
});

Deno.test("every lib module is run by a test: imported, or behind an address that a test calls", async () => {
  const tests = await collect(new URL("tests/", ROOT), /\.tsx?$/);
  const reached = reachableFrom([
    ...tests.flatMap((test) =>
      importsOf(test.text).map(({ specifier }) => ({ from: test.path, specifier }))
    ),
    ...SOURCES.filter(({ path }) => isCalled(path, tests))
      .map(({ path }) => ({ from: path, specifier: `@/${path}` })),
    ...tests.some(({ text }) => text.includes('"main.ts"'))
      ? importsOf(await Deno.readTextFile(new URL("main.ts", ROOT)))
        .map(({ specifier }) => ({ from: "main.ts", specifier }))
      : [],
  ]);
  const orphans = SOURCES.filter(({ path }) => path.startsWith("lib/"))
    .map(({ path }) => path)
    .filter((path) => !reached.has(path) && !isTypesOnly(path));
  assertEquals(orphans, []);
});

/** File routes are found on disk, not imported: a test runs one by naming its address. */
function isCalled(path: string, tests: readonly { readonly text: string }[]): boolean {
  if (!path.startsWith("routes/")) return false;
  const parts = path.slice("routes/".length).replace(/(\/index)?\.tsx?$/, "").split("/");
  const address = parts.filter((part) => !part.startsWith("(") && !part.startsWith("_"));
  const fixed = address.slice(0, address.findIndex((part) => part.startsWith("[")) >>> 0);
  const prefix = `/${fixed.join("/")}`;
  return prefix !== "/" && tests.some(({ text }) => text.includes(prefix));
}

function isTypesOnly(path: string): boolean {
  const source = SOURCES.find((candidate) => candidate.path === path);
  if (source === undefined) return false;
  return !/^export (default |async )?(function|const|class|let)\b/m.test(source.text);
}

function reachableFrom(seeds: readonly { from: string; specifier: string }[]): Set<string> {
  const byPath = new Map(SOURCES.map((source) => [source.path, source]));
  const reached = new Set<string>();
  const queue = seeds.flatMap(({ from, specifier }) => resolve(from, specifier) ?? []);
  // The composition root reaches everything that ships; it counts only for what tests also run.
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const source = byPath.get(path);
    if (source !== undefined) queue.push(...valueTargets(source));
  }
  return reached;
}

function valueTargets({ path, imports }: Source): string[] {
  return imports.filter(({ typeOnly }) => !typeOnly)
    .flatMap(({ specifier }) => resolve(path, specifier) ?? []);
}

function resolve(from: string, specifier: string): string | null {
  if (specifier.startsWith("@/")) return specifier.slice(2);
  if (!specifier.startsWith(".")) return null;
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): string[] | null => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return null;
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle !== null) return cycle;
    }
    path.pop();
    done.add(node);
    return null;
  };
  for (const node of graph.keys()) {
    const cycle = visit(node);
    if (cycle !== null) return cycle;
  }
  return null;
}

async function readSources(): Promise<Source[]> {
  const found = await Promise.all(
    ROOMS.map((room) => collect(new URL(`${room}/`, ROOT), /\.tsx?$/)),
  );
  return found.flat().map(({ path, text }) => ({ path, text, imports: importsOf(text) }));
}

async function collect(folder: URL, pattern: RegExp): Promise<{ path: string; text: string }[]> {
  const files: { path: string; text: string }[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const url = new URL(entry.name + (entry.isDirectory ? "/" : ""), folder);
    if (entry.isDirectory) files.push(...await collect(url, pattern));
    else if (pattern.test(entry.name)) {
      files.push({
        path: url.pathname.slice(ROOT.pathname.length),
        text: await Deno.readTextFile(url),
      });
    }
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

function importsOf(text: string): { specifier: string; typeOnly: boolean }[] {
  const statement =
    /^(?:import|export)\s+(type\s)?[^"';]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm;
  return [...text.matchAll(statement)].map((match) => ({
    specifier: match[2] ?? match[3] ?? match[4] ?? "",
    typeOnly: match[1] !== undefined,
  }));
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "");
}
