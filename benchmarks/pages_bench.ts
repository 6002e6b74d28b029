/**
 * Server time of every page of the portal and the console, on a database with a year behind it: a
 * thousand tenants and thirteen months of usage, which it makes when it is not there (`--db`).
 *
 *   deno run -A benchmarks/pages_bench.ts [--quick] [--db <file>] [--tenants 1000] [--months 13]
 *
 * Pages are found by following links from the start pages, one of each kind, as the owner of the
 * largest tenant and as an operator. Time is measured around the handler. On a machine that others
 * use too it grows with their work, so the processor time of the server stands beside it; the ratio is
 * against the sign-in page of the same run, and the keys read depend on no machine at all. Pages that
 * prove something on demand (`verify`) walk all of it by intent and are left out.
 */
import { parseArgs } from "node:util";
import { progressBar, seedFiles } from "./seed.ts";
import { CPU_HEADER, type PagesServer, READS_HEADER, TIME_HEADER } from "./pages_server.ts";
import { tenantShapes } from "./seed/shape.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    db: { type: "string" },
    tenants: { type: "string" },
    months: { type: "string", default: "13" },
    rounds: { type: "string" },
    only: { type: "string" },
  },
});
const TENANTS = Number(values.tenants ?? (values.quick ? 100 : 1_000));
const MONTHS = Number(values.months);
const ROUNDS = Number(values.rounds ?? (values.quick ? 20 : 60));
const DB = values.db ?? `.data/bench/pages-${TENANTS}x${MONTHS}.db`;
/** What every page must stay below, nineteen times out of twenty. */
const GOAL_MS = 30;
const WARMUP = 5;
/** Kinds of pages that the links lead to; far above what there is. */
const PAGES_MAX = 150;
/** The same for all, without data of a tenant. */
const TRIVIAL = "/portal/sign-in";

interface Visitor {
  readonly name: "member" | "operator";
  readonly cookie: string;
  readonly from: readonly string[];
  readonly under: string;
}

interface Page {
  readonly visitor: Visitor;
  readonly path: string;
  readonly kind: string;
}

interface Measured {
  readonly p50: number;
  readonly p95: number;
  readonly cpu50: number;
  readonly cpu95: number;
  readonly keys: number;
  readonly bytes: number;
}

const untilMs = await readyDatabase();
const [largest] = tenantShapes({ tenants: TENANTS, months: MONTHS, seed: 1, untilMs });
if (largest === undefined) throw new Error("There is at least one tenant");
const server = await startServer(untilMs, largest.tenantId);
try {
  await run(server, largest.tenantId);
} finally {
  await server.stop();
}

async function run(server: PagesServer, tenantId: string): Promise<void> {
  const visitors: readonly Visitor[] = [
    {
      name: "member",
      cookie: server.memberCookie,
      under: "/portal",
      from: ["/portal", ...usageRanges(), "/portal/audit", "/portal/keys"],
    },
    {
      name: "operator",
      cookie: server.operatorCookie,
      under: "/operator",
      from: [
        "/operator",
        `/operator/tenants/${tenantId}`,
        `/operator/tenants/${tenantId}/usage?days=30`,
        "/operator/tenants?search=capital",
      ],
    },
  ];
  const found: Page[] = [];
  for (const visitor of visitors) found.push(...await findPages(server, visitor));
  const pages = found.filter(({ kind }) => values.only === undefined || kind.includes(values.only));
  const trivial: Page = { visitor: visitors[0]!, path: TRIVIAL, kind: TRIVIAL };
  const base = await measure(server, trivial);
  console.log(
    `${TENANTS} tenants, ${MONTHS} months, ${pages.length} kinds of pages, ${ROUNDS} requests each.\n` +
      `Sign-in page: p50 ${ms(base.p50)} ms, p95 ${ms(base.p95)} ms; processor time p50 ` +
      `${ms(base.cpu50)} ms.\n\n` +
      "   p50 ms   p95 ms   cpu p50   cpu p95   cpu ratio   keys read     KiB  page",
  );
  let slow = 0;
  let dear = 0;
  for (const page of pages) {
    const measured = await measure(server, page);
    if (measured.p95 > GOAL_MS) slow += 1;
    if (measured.cpu95 > GOAL_MS) dear += 1;
    console.log(
      `${ms(measured.p50).padStart(9)}${ms(measured.p95).padStart(9)}` +
        `${ms(measured.cpu50).padStart(10)}${ms(measured.cpu95).padStart(10)}` +
        `${(measured.cpu50 / base.cpu50).toFixed(1).padStart(12)}` +
        `${String(measured.keys).padStart(12)}${
          String(Math.round(measured.bytes / 1024)).padStart(8)
        }` +
        `  ${page.kind}${measured.p95 > GOAL_MS ? `   <-- above ${GOAL_MS} ms` : ""}`,
    );
  }
  console.log(
    `\nAt p95, of ${pages.length} pages ${pages.length - slow} stay below ${GOAL_MS} ms, and ` +
      `${pages.length - dear} below ${GOAL_MS} ms of processor time.`,
  );
}

/** The widest ranges that the usage page offers, by each granularity. */
function usageRanges(): readonly string[] {
  const day = 86_400_000;
  const text = (atMs: number) => new Date(atMs).toISOString().slice(0, 16);
  const range = (days: number, granularity: string) =>
    `/portal/usage?${new URLSearchParams({
      from: text(untilMs - days * day),
      to: text(untilMs),
      granularity,
    })}`;
  return [range(396, "day"), range(14, "hour"), range(1 / 8, "minute")];
}

/** One page of each kind: paths that differ in ids only are of one kind. */
async function findPages(server: PagesServer, visitor: Visitor): Promise<readonly Page[]> {
  const pages = new Map<string, Page>();
  const queue = [...visitor.from];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const kind = kindOf(path);
    if (pages.has(kind) || pages.size >= PAGES_MAX) continue;
    const answer = await ask(server, { visitor, path });
    if (answer.status !== 200 || !answer.type.startsWith("text/html")) continue;
    pages.set(kind, { visitor, path, kind });
    for (const [, href = ""] of answer.text.matchAll(/<a\s[^>]*?href="([^"]+)"/g)) {
      const url = new URL(href.replaceAll("&amp;", "&"), `http://127.0.0.1${path}`);
      if (
        url.pathname.startsWith(visitor.under) && !/sign|live|csv/.test(url.pathname) &&
        !url.searchParams.has("verify")
      ) {
        queue.push(`${url.pathname}${url.search}`);
      }
    }
  }
  return [...pages.values()];
}

/** Ids have digits; of a query only the names matter, and how fine a range is. */
function kindOf(path: string): string {
  const url = new URL(path, "http://127.0.0.1");
  const place = url.pathname.split("/").map((part) => /\d/.test(part) ? ":id" : part).join("/");
  const query = [...url.searchParams].map(([name, value]) =>
    name === "granularity" || name === "days" ? `${name}=${value}` : name
  );
  return query.length === 0 ? place : `${place}?${[...new Set(query)].sort().join("&")}`;
}

async function measure(server: PagesServer, page: Page): Promise<Measured> {
  const times: number[] = [];
  const cpu: number[] = [];
  let last = { keys: 0, bytes: 0 };
  for (let round = -WARMUP; round < ROUNDS; round++) {
    const answer = await ask(server, page);
    if (answer.status !== 200) throw new Error(`${page.path} answered ${answer.status}`);
    if (round >= 0) {
      times.push(answer.milliseconds);
      cpu.push(answer.cpu);
    }
    last = { keys: answer.keys, bytes: answer.text.length };
  }
  return {
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    cpu50: quantile(cpu, 0.5),
    cpu95: quantile(cpu, 0.95),
    ...last,
  };
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

async function ask(
  { port }: PagesServer,
  { visitor, path }: Pick<Page, "visitor" | "path">,
) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { cookie: visitor.cookie },
    redirect: "manual",
  });
  return {
    status: response.status,
    type: response.headers.get("content-type") ?? "",
    milliseconds: Number(response.headers.get(TIME_HEADER)),
    cpu: Number(response.headers.get(CPU_HEADER)),
    keys: Number(response.headers.get(READS_HEADER)),
    text: await response.text(),
  };
}

/** The instant where its past ends; `<db>.until` keeps it. */
async function readyDatabase(): Promise<number> {
  const known = await Deno.readTextFile(`${DB}.until`).catch(() => null);
  if (known !== null) return Number(known);
  const write = (text: string) => Deno.stderr.writeSync(new TextEncoder().encode(text));
  console.log(`Seeding ${DB}`);
  const untilMs = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  const shape = { tenants: TENANTS, months: MONTHS, seed: 1, untilMs };
  await seedFiles({ into: DB, ...shape }, progressBar(write, Deno.stderr.isTerminal()));
  await Deno.writeTextFile(`${DB}.until`, String(untilMs));
  return untilMs;
}

async function startServer(untilMs: number, tenantId: string) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "benchmarks/pages_server.ts", String(untilMs), tenantId],
    cwd: new URL("../", import.meta.url),
    env: { KV_URL: DB },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("The server ended before it listened");
    text += value;
  }
  reader.releaseLock();
  const ready: PagesServer = JSON.parse(text.split("\n")[0] ?? "");
  return {
    ...ready,
    stop: async () => {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

function ms(value: number): string {
  return value.toFixed(1);
}
