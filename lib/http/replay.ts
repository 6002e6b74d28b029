import { hash } from "node:crypto";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import { replayOrRefuse, REPLY_CHARS_MAX } from "@/lib/metering/idempotency.ts";
import type { RecordRequest, StoredReply } from "@/lib/ports/usage.ts";

import type { HeaderPair } from "./call_headers.ts";
import type { ApiContext } from "./define.ts";

/** What goes into the commit of the units, so that both are durable or neither is. */
export type ReplayWrite = Required<Pick<RecordRequest, "reply" | "replaces">>;

export interface ReplayableAnswer {
  readonly status: number;
  readonly headers: readonly HeaderPair[];
  readonly body: string;
}

/** The place of one request's answer under its Idempotency-Key; without a key it keeps nothing. */
export interface ReplaySlot {
  readonly kind: "open";
  /** `null` without a key. Error: `reply_too_large`, before anything is counted. */
  write(answer: ReplayableAnswer): Result<ReplayWrite | null>;
  /** The commit said that another execution was first. Error: `idempotency_key_reused`. */
  overtaken(reply: StoredReply): Result<StoredReply>;
  /** The answer is durable: requests that wait for it get it. */
  committed(): void;
  /** Must follow whatever happened. */
  close(): void;
}

export type OpenedReplay =
  | ReplaySlot
  | { readonly kind: "answered"; readonly reply: StoredReply }
  | { readonly kind: "refused"; readonly error: Refusal };

const WITHOUT_KEY: ReplaySlot = {
  kind: "open",
  write: () => accept(null),
  overtaken: () => {
    throw new Error("A request without a key can't be overtaken");
  },
  committed: () => {},
  close: () => {},
};

interface ReplayRequest {
  readonly tenantId: string;
  readonly text: string;
}

/** Looks whether this request is answered already, and waits for one under way. */
export function openReplay(
  ctx: ApiContext,
  request: ReplayRequest,
): OpenedReplay | Promise<OpenedReplay> {
  const { req } = ctx;
  const idempotencyKey = req.headers.get("idempotency-key");
  if (idempotencyKey === null || req.method === "GET" || req.method === "HEAD") return WITHOUT_KEY;
  return openKeyed(ctx, { ...request, idempotencyKey });
}

async function openKeyed(
  { req, url, state }: ApiContext,
  { tenantId, text, idempotencyKey }: ReplayRequest & { readonly idempotencyKey: string },
): Promise<OpenedReplay> {
  const target = url.pathname + url.search;
  const requestHash = hash("sha256", JSON.stringify([req.method, target, text]), "hex");
  const request = { tenantId, idempotencyKey, requestHash };
  const begun = await state.services.idempotency.begin(request);
  if (!begun.ok) return { kind: "refused", error: begun.error };
  const decision = begun.value;
  if (decision.kind === "replay") return { kind: "answered", reply: decision.reply };

  let written: StoredReply | null = null;
  let durable: StoredReply | null = null;
  return {
    kind: "open",
    write: (answer) => {
      if (answer.body.length > REPLY_CHARS_MAX) return refuse(TOO_LARGE);
      written = { ...request, ...answer, expiresAtMs: decision.expiresAtMs };
      return accept({ reply: written, replaces: decision.replaces });
    },
    overtaken: (reply) => {
      durable = reply;
      return replayOrRefuse(reply, request);
    },
    committed: () => {
      durable = written;
    },
    close: () => decision.finish(durable),
  };
}

const TOO_LARGE: Refusal = {
  code: "reply_too_large",
  detail: `The answer has over ${REPLY_CHARS_MAX} characters, too many to keep for replay. ` +
    "Send a smaller batch, or no Idempotency-Key. Nothing was billed",
};
