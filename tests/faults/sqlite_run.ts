import { type FaultReport, runFaults } from "./fault_run.ts";

/** Several processes on one SQLite file, killed at random. */
export async function runOnSqlite(
  { seed, kills, workers = 3, clients = 6, onProgress }: {
    readonly seed: number;
    readonly kills: number;
    readonly workers?: number;
    readonly clients?: number;
    readonly onProgress?: (kills: number) => void;
  },
): Promise<FaultReport> {
  const folder = await Deno.makeTempDir({ prefix: "faults_" });
  const path = `${folder}/kv.db`;
  const kv = await Deno.openKv(path);
  try {
    return await runFaults({
      seed,
      kills,
      workers,
      clients,
      workerKvUrl: path,
      kv,
      leastMs: 0,
      ...onProgress === undefined ? {} : { onProgress },
    });
  } finally {
    kv.close();
    await Deno.remove(folder, { recursive: true });
  }
}
