/**
 * `deno task seed`: a sandbox database with made-up tenants and months of usage, to look at the
 * portal and the console as they are after a year in business.
 */
import { parseArgs } from "node:util";
import { openKv } from "@/lib/kv/open_kv.ts";
import { createIds } from "@/lib/platform/ids.ts";
import { systemClock } from "@/lib/platform/system_clock.ts";
import { systemScheduler } from "@/lib/platform/system_scheduler.ts";
import { seedDatabase, type Seeded, type SeedProgress } from "./seed/seed_database.ts";
import { HOUR_MS } from "@/lib/domain/window.ts";

const SEED_HELP = `Usage: deno task seed --into <file> [options]

Makes an empty database file and fills it with a made-up past: tenants with members and API keys,
usage by hour, sealed and sent usage, closed periods, credits, anomalies, reports and audit logs, and
the Stripe simulator's side of it in <file>.stripe. Stored as the service itself stores it, through
its own stores, so the books balance. Start on it with KV_URL=<file> SANDBOX_SEED=0 deno task start.

  --into <file>     Where to; must not exist
  --tenants <n>     How many tenants (1000)
  --months <n>      Billing periods with usage, the one under way included (13)
  --seed <n>        Same number, same database (1)
  --until <instant> When the past ends, ISO 8601 (the start of this hour)
`;

/** Large commits, one after the other. */
const COMMIT_TIMEOUT_MS = 60_000;
const BAR_WIDTH = 32;

export interface SeedArguments {
  readonly into: string;
  readonly tenants: number;
  readonly months: number;
  readonly seed: number;
  readonly untilMs: number;
}

/** A sentence for what is wrong with the arguments. */
export function parseSeedArguments(args: readonly string[], nowMs: number): SeedArguments | string {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        into: { type: "string" },
        tenants: { type: "string", default: "1000" },
        months: { type: "string", default: "13" },
        seed: { type: "string", default: "1" },
        until: { type: "string" },
      },
    }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { into } = values;
  if (into === undefined || into === "") return "--into names the file to make";
  const [tenants, months, seed] = [values.tenants, values.months, values.seed].map(Number);
  if (tenants === undefined || !Number.isSafeInteger(tenants) || tenants < 1 || tenants > 100_000) {
    return "--tenants is a whole number from 1 to 100000";
  }
  if (months === undefined || !Number.isSafeInteger(months) || months < 1 || months > 13) {
    return "--months is a whole number from 1 to 13; older entries are not kept";
  }
  if (seed === undefined || !Number.isSafeInteger(seed) || seed < 0) {
    return "--seed is a whole number, zero or more";
  }
  const untilMs = values.until === undefined
    ? Math.floor(nowMs / HOUR_MS) * HOUR_MS
    : Date.parse(values.until);
  if (Number.isNaN(untilMs) || untilMs > nowMs) return "--until is an instant of the past";
  return { into, tenants, months, seed, untilMs };
}

/** Makes the two files; refuses to touch any that are there. */
export async function seedFiles(
  { into, ...options }: SeedArguments,
  progress: SeedProgress,
): Promise<Seeded> {
  for (const path of [into, `${into}.stripe`]) {
    const there = await Deno.stat(path).then(() => true, () => false);
    if (there) throw new Error(`${path} is there already`);
  }
  const effects = {
    scheduler: systemScheduler,
    ids: createIds(systemClock),
    timeoutMs: COMMIT_TIMEOUT_MS,
  };
  const kv = await openKv({ url: into }, effects);
  const stripeKv = await openKv({ url: `${into}.stripe` }, effects);
  try {
    const plansText = await Deno.readTextFile(new URL("../plans.json", import.meta.url));
    return await seedDatabase(options, { target: { kv, stripeKv, plansText }, progress });
  } finally {
    kv.close();
    stripeKv.close();
  }
}

/** A bar that moves on a terminal; elsewhere a line for each tenth. */
export function progressBar(write: (text: string) => void, isTerminal: boolean): SeedProgress {
  let last = "";
  return (step, done, of) => {
    const share = of === 0 ? 1 : done / of;
    const filled = Math.round(share * BAR_WIDTH);
    const bar = `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)}`;
    const text = isTerminal
      ? `\r${step.padEnd(28)} ${bar} ${String(done).padStart(5)}/${of}${share === 1 ? "\n" : ""}`
      : `${step}: ${Math.floor(share * 10) * 10} %\n`;
    if (text !== last) write(text);
    last = text;
  };
}

async function main(args: readonly string[]): Promise<number> {
  const say = (text: string) => Deno.stderr.writeSync(new TextEncoder().encode(text));
  const parsed = parseSeedArguments(args, Date.now());
  if (args.includes("--help") || args.includes("-h")) {
    console.log(SEED_HELP);
    return 0;
  }
  if (typeof parsed === "string") {
    say(`${parsed}\n\n${SEED_HELP}`);
    return 2;
  }
  const startedMs = performance.now();
  const seeded = await seedFiles(parsed, progressBar(say, Deno.stderr.isTerminal()));
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  console.log(
    `${seeded.rows} rows and ${seeded.stripeDocuments} documents of Stripe's side in ${seconds} s. ` +
      `The largest tenant is ${seeded.largest.tenantId}; its owner is ${seeded.largest.ownerEmail}.`,
  );
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
