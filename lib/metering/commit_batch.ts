import { entryKey, mergeEntry, type UsageEntry } from "@/lib/domain/segment.ts";
import type { RecordOutcome, RecordRequest } from "@/lib/ports/usage.ts";

/** Text of one segment; two bytes a character at worst keep it within 64 KiB with its framing. */
const SEGMENT_CHARS_MAX = 26_000;
const ENTRY_OVERHEAD_CHARS = 28;
/** Reply bodies of one commit, which holds 800 KiB in all. */
const REPLY_CHARS_MAX = 180_000;

export interface Waiting {
  readonly request: RecordRequest;
  /** Answered already: must be written, whatever happens, until the process ends. */
  readonly buffered: boolean;
  readonly answer: (outcome: RecordOutcome) => void;
  /** The attempts that carried it, by mark. */
  readonly marks: number[];
}

/** Collects requests up to what one commit can carry. */
export class CommitBatch {
  readonly items: Waiting[] = [];
  #chars = 0;
  #replyChars = 0;
  readonly #guards = new Set<string>();
  readonly #merged = new Map<string, UsageEntry>();

  constructor(private readonly guardsMax: number) {}

  /** Of all requests taken; those with equal attribution are one. */
  get entries(): UsageEntry[] {
    return [...this.#merged.values()];
  }

  take(waiting: Waiting): boolean {
    const { entries, reply, event } = waiting.request;
    const guards: string[] = [];
    if (reply !== undefined) {
      guards.push(`r${JSON.stringify([reply.tenantId, reply.idempotencyKey])}`);
    }
    if (event !== undefined) {
      guards.push(`e${JSON.stringify([event.tenantId, event.source, event.id])}`);
    }
    const keyed = entries.map((entry) => ({ key: entryKey(entry), entry }));
    let chars = this.#chars;
    for (const { key, entry } of keyed) if (!this.#merged.has(key)) chars += entryChars(entry);
    const replyChars = this.#replyChars + (reply?.body.length ?? 0);
    const fits = chars <= SEGMENT_CHARS_MAX && replyChars <= REPLY_CHARS_MAX &&
      this.#guards.size + guards.length <= this.guardsMax;
    if (guards.some((guard) => this.#guards.has(guard))) return false;
    if (!fits && this.items.length > 0) return false;
    this.#chars = chars;
    this.#replyChars = replyChars;
    for (const guard of guards) this.#guards.add(guard);
    for (const { key, entry } of keyed) mergeEntry(this.#merged, key, entry);
    this.items.push(waiting);
    return true;
  }
}

export function isUntried({ request, marks }: Waiting): boolean {
  return marks.length === 0 && (request.reply !== undefined || request.event !== undefined);
}

function entryChars(entry: UsageEntry): number {
  const { tenantId, meter, planRevision, periodId, keyId } = entry;
  return ENTRY_OVERHEAD_CHARS + tenantId.length + meter.length + planRevision.length +
    periodId.length + keyId.length;
}
