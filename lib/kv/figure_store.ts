import type { FigureStore } from "@/lib/ports/figures.ts";
import { figuresKey } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";

/** Nobody is helped by figures of a month ago. */
const RETENTION_MS = 30 * 86_400_000;

interface StoredFigures {
  readonly shape: number;
  readonly value: unknown;
  readonly atMs: number;
}

export function createKvFigureStore(kv: KvLike): FigureStore {
  return {
    async read(name, shape) {
      const { value: stored } = await kv.get<StoredFigures>(figuresKey(name));
      if (stored === null || stored.shape !== shape) return null;
      return { value: stored.value, atMs: stored.atMs };
    },
    async keep(name, figures) {
      await kv.set(figuresKey(name), figures, { expireIn: RETENTION_MS });
    },
  };
}
