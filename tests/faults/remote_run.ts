import { startDenoKv } from "../support/denokv.ts";
import { startKvConnectProxy } from "../support/kv_connect_proxy.ts";
import { Random } from "../support/random.ts";
import { type FaultReport, runFaults } from "./fault_run.ts";

export interface RemoteFaultReport extends FaultReport {
  /** Commits that the workers' clients sent, their own repeats among them. */
  readonly commits: number;
  readonly repliesDropped: number;
}

/** Several processes on one KV Connect server, whose replies to commits a proxy loses at random. */
export async function runOnRemote(
  { binary, seed, kills, workers = 2, clients = 4, dropRate = 0.5, leastMs = 0, onProgress }: {
    readonly binary: string;
    readonly seed: number;
    readonly kills: number;
    readonly workers?: number;
    readonly clients?: number;
    readonly dropRate?: number;
    readonly leastMs?: number;
    readonly onProgress?: (kills: number) => void;
  },
): Promise<RemoteFaultReport> {
  await using server = await startDenoKv(binary);
  await using proxy = startKvConnectProxy({
    target: server.url,
    random: new Random(seed),
    dropRate,
  });
  using kv = await Deno.openKv(server.url);
  const report = await runFaults({
    seed,
    kills,
    workers,
    clients,
    workerKvUrl: proxy.url,
    kv,
    leastMs,
    environment: server.environment,
    ...onProgress === undefined ? {} : { onProgress },
  });
  const { commits, dropped } = proxy.counts;
  return { ...report, commits, repliesDropped: dropped };
}
