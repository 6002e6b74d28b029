/** One process of the fault runs: the real metering on a real store, asked over HTTP. */
import { z } from "zod";
import { openKv } from "@/lib/kv/open_kv.ts";
import { databaseEpoch } from "@/lib/kv/database_epoch.ts";
import { createIds } from "@/lib/platform/ids.ts";
import { systemScheduler } from "@/lib/platform/system_scheduler.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import { createStripeProvider } from "@/lib/stripe/stripe_provider.ts";
import { MeteredService } from "../support/metered_service.ts";
import { fastClock, fastScheduler } from "./fast_time.ts";

const settings = z.strictObject({
  kvUrl: z.string(),
  stripeUrl: z.string(),
  stripeKey: z.string(),
  time: z.strictObject({ baseMs: z.number(), realMs: z.number(), speed: z.number() }),
});
export type WorkerSettings = z.output<typeof settings>;

const callBody = z.strictObject({
  callId: z.string(),
  tenantId: z.string(),
  keyHash: z.string(),
  units: z.number().int().positive().transform(BigInt),
  guard: z.enum(["reply", "event"]),
});

const FLUSH_EVERY_MS = 400;
const STRIPE_TIMEOUT_MS = 1_500;
/** Small, so that rings run around within one life of a process. */
const RING_SIZE = 64;
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

if (import.meta.main) await main(settings.parse(JSON.parse(Deno.args[0] ?? "")));

async function main({ kvUrl, stripeUrl, stripeKey, time }: WorkerSettings): Promise<void> {
  const clock = fastClock(time);
  const ids = createIds({ nowMs: () => Date.now() });
  const kv = await openKv({ url: kvUrl }, { scheduler: systemScheduler, ids });
  const provider = createStripeProvider({
    apiKey: stripeKey,
    apiBase: stripeUrl,
    meterMode: "v1",
    clock,
    logger: SILENT,
    timeoutMs: STRIPE_TIMEOUT_MS,
    simulated: true,
  });
  const epoch = await persistently(() => databaseEpoch(kv, ids.next("db")));
  const service = new MeteredService({
    kv,
    provider,
    clock,
    ids,
    scheduler: fastScheduler(time),
    logger: SILENT,
    databaseEpoch: epoch,
    ringSize: RING_SIZE,
  });
  service.engine.start();
  flushForEver(service);
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => writeLine(`listening ${port}`),
  }, (request) => answer(service, request));
  await server.finished;
}

async function answer(service: MeteredService, request: Request): Promise<Response> {
  try {
    return Response.json(await service.serve(callBody.parse(await request.json())));
  } catch (error) {
    if (error instanceof StorageUnavailable) return Response.json("unavailable");
    writeLine(`defect ${error}`);
    throw error;
  }
}

async function flushForEver(service: MeteredService): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, FLUSH_EVERY_MS));
    try {
      await service.flush();
    } catch (error) {
      if (!(error instanceof StorageUnavailable)) writeLine(`defect ${error}`);
    }
  }
}

async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StorageUnavailable)) throw error;
    }
  }
}

function writeLine(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text.replaceAll("\n", " ")}\n`));
}
