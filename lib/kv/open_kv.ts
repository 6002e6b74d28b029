import type { KvLike } from "./kv_like.ts";
import { createTimedKv, type TimedKvOptions } from "./timed_kv.ts";

export interface KvAddress {
  /** Path, `:memory:`, or a KV Connect URL; `null` is the platform's own database. */
  readonly url: string | null;
}

export interface OpenKvOptions extends TimedKvOptions {
  /** Stands between the time limits and the database. */
  readonly wrap?: (database: KvLike) => KvLike;
}

/** The one door to the database: every call through it has a time limit. */
export async function openKv(address: KvAddress, options: OpenKvOptions): Promise<KvLike> {
  const { wrap = (database) => database, ...timed } = options;
  return createTimedKv(wrap(await openDatabase(address)), timed);
}

/**
 * Opens the database; makes the folder of a file. A KV Connect address takes its access token from
 * `DENO_KV_ACCESS_TOKEN`, which the runtime reads itself.
 */
async function openDatabase({ url }: KvAddress): Promise<Deno.Kv> {
  if (url === null) return await Deno.openKv();
  const isFile = url !== ":memory:" && !/^https?:/.test(url);
  const folder = isFile ? url.slice(0, url.lastIndexOf("/") + 1) : "";
  if (folder !== "") await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  return await Deno.openKv(url);
}
