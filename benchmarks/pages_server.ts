/**
 * The whole app on a seeded database, at the instant where its past ends. Every answer says in
 * headers how long the handler took, until the last byte of the page was made, and how many KV keys
 * were read meanwhile. Prints one JSON line once it listens.
 *
 *   KV_URL=<file> deno run -A benchmarks/pages_server.ts <until, ms> <tenant id>
 */
import process from "node:process";
import { Builder } from "fresh/dev";
import config from "@/fresh.config.ts";
import { compose } from "@/lib/compose.ts";
import { createApp } from "@/lib/create_app.ts";
import type { AppState } from "@/lib/http/define.ts";
import { parseEnv } from "@/lib/platform/env.ts";
import type { SessionOwner } from "@/lib/ports/sessions.ts";

export const TIME_HEADER = "x-handler-ms";
/** Processor time of the whole process meanwhile, the database's threads too. */
export const CPU_HEADER = "x-cpu-ms";
export const READS_HEADER = "x-keys-read";

/** What the server says once it listens. */
export interface PagesServer {
  readonly port: number;
  readonly memberCookie: string;
  readonly operatorCookie: string;
}

/** Counts what goes out of the database, whoever asks. */
function countReads(): () => number {
  let reads = 0;
  const { get, getMany, list } = Deno.Kv.prototype;
  Deno.Kv.prototype.get = function (this: Deno.Kv, ...args: Parameters<typeof get>) {
    reads += 1;
    return get.apply(this, args);
  } as typeof get;
  Deno.Kv.prototype.getMany = function (this: Deno.Kv, ...args: Parameters<typeof getMany>) {
    reads += args[0].length;
    return getMany.apply(this, args);
  } as typeof getMany;
  Deno.Kv.prototype.list = function (this: Deno.Kv, ...args: Parameters<typeof list>) {
    const rows = list.apply(this, args);
    const next = rows.next.bind(rows);
    rows.next = async () => {
      const row = await next();
      if (row.done !== true) reads += 1;
      return row;
    };
    return rows;
  } as typeof list;
  return () => reads;
}

async function serve(untilMs: number, tenantId: string): Promise<void> {
  const keysRead = countReads();
  const startedMs = performance.now();
  const clock = { nowMs: () => Math.floor(untilMs + performance.now() - startedMs) };
  const env = parseEnv({
    KV_URL: Deno.env.get("KV_URL") ?? ":memory:",
    SANDBOX_SEED: "0",
    LOG_LEVEL: "error",
  });
  if (!env.ok) throw new Error(env.error.detail);
  const runtime = await compose(env.value, { clock });
  const { services } = runtime;
  const owner = (await services.members.members(tenantId)).find(({ role }) => role === "owner");
  if (owner === undefined) throw new Error(`${tenantId} has no owner in this database`);
  const cookieOf = async (name: string, who: SessionOwner) => {
    const visit = { method: "magic_link" as const, ip: null, userAgent: "benchmark" };
    return `${name}=${(await services.sessions.start({ owner: who, ...visit })).secret}`;
  };
  const memberCookie = await cookieOf("sid", {
    kind: "member",
    tenantId,
    memberId: owner.memberId,
  });
  const operatorCookie = await cookieOf("op", { kind: "operator", operatorId: "operator" });
  // Not started: no fold and no overdue chore runs beside the pages, or changes what they show.
  const app = createApp(services);
  (await new Builder<AppState>(config.build).build({ snapshot: "memory" }))(app);
  const handler = app.handler();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => {
      console.log(JSON.stringify({ port, memberCookie, operatorCookie } satisfies PagesServer));
    },
  }, async (request, info) => {
    const reads = keysRead();
    const cpu = process.cpuUsage();
    const began = performance.now();
    const response = await handler(request, info);
    const body = new Uint8Array(await response.arrayBuffer());
    const { status, headers } = response;
    const measured = new Headers(headers);
    measured.set(TIME_HEADER, String(performance.now() - began));
    const { user, system } = process.cpuUsage(cpu);
    measured.set(CPU_HEADER, String((user + system) / 1_000));
    measured.set(READS_HEADER, String(keysRead() - reads));
    return new Response(status === 304 ? null : body, { status, headers: measured });
  });
  Deno.addSignalListener("SIGTERM", async () => {
    await server.shutdown();
    await runtime.stop();
    Deno.exit(0);
  });
}

if (import.meta.main) await serve(Number(Deno.args[0]), Deno.args[1] ?? "");
