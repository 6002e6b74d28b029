import type { DryRun, DryRunRow, DryRunStore } from "@/lib/ports/catalog.ts";
import { chunksOf, parseRowCursor } from "./chunks.ts";
import { dryRunKey, dryRunRowsKey, dryRunsPrefix } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";

/** Dry runs are evidence for a publish, not for ever. */
const RETENTION_MS = 400 * 86_400_000;
const MAX_LISTED = 1_000;
/** A row is below 2 KiB: names and up to twenty meters. */
const ROWS_PER_CHUNK = 25;

export function createKvDryRunStore(kv: KvLike): DryRunStore {
  return {
    async putDryRun(dryRun, rows) {
      for (const [chunk, part] of chunksOf(rows, ROWS_PER_CHUNK).entries()) {
        const key = dryRunRowsKey(dryRun.dryRunId, chunk);
        await commit(kv.atomic().set(key, part, { expireIn: RETENTION_MS }));
      }
      // The head comes last: a dry run that can be found is complete.
      const head = dryRunKey(dryRun.dryRunId);
      await commit(kv.atomic().set(head, dryRun, { expireIn: RETENTION_MS }));
    },
    dryRun: async (dryRunId) => (await kv.get<DryRun>(dryRunKey(dryRunId))).value,
    async dryRunRows({ dryRunId, cursor, limit }) {
      const start = parseRowCursor(cursor);
      if (start === null) return { rows: [], cursor: null };
      const rows: DryRunRow[] = [];
      let at = start;
      for (let reads = 0; reads <= limit / ROWS_PER_CHUNK + 1 && rows.length < limit; reads++) {
        const chunk = Math.floor(at / ROWS_PER_CHUNK);
        const { value } = await kv.get<readonly DryRunRow[]>(dryRunRowsKey(dryRunId, chunk));
        if (value === null) return { rows, cursor: null };
        const wanted = value.slice(at % ROWS_PER_CHUNK).slice(0, limit - rows.length);
        rows.push(...wanted);
        at += wanted.length;
        if (value.length < ROWS_PER_CHUNK && at % ROWS_PER_CHUNK >= value.length) {
          return { rows, cursor: null };
        }
      }
      return { rows, cursor: String(at) };
    },
    async dryRuns({ planRevision, limit }) {
      const found: DryRun[] = [];
      const options = { reverse: true, limit: MAX_LISTED };
      for await (const { value } of kv.list<DryRun>({ prefix: dryRunsPrefix() }, options)) {
        if (planRevision === undefined || value.planRevision === planRevision) found.push(value);
        if (found.length >= limit) break;
      }
      return found;
    },
  };
}

async function commit(atomic: { commit(): Promise<{ ok: boolean }> }): Promise<void> {
  const { ok } = await atomic.commit();
  if (!ok) throw new Error("Cannot store a dry run: the commit was refused");
}
