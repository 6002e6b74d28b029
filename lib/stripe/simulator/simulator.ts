import { createHmac } from "node:crypto";
import type { Clock } from "@/lib/ports/clock.ts";
import type { SimulatorStore } from "@/lib/ports/simulator_store.ts";
import { createApi } from "./api.ts";
import { answerControl, createControl, type SimulatorControl } from "./control.ts";
import { deliverDue, type Shuffle, type WebhookTargets } from "./deliveries.ts";
import type { Host } from "./endpoint.ts";
import { createFaultScript } from "./faults.ts";
import { createPages, isPagePath } from "./pages.ts";
import { dueMatters, nextDueMs, nextDueOfWritten, settleMatter, settleRest } from "./settle.ts";
import { openState, type OpenTransaction } from "./state.ts";

export interface StripeSimulatorOptions {
  readonly store: SimulatorStore;
  readonly clock: Clock;
  /** The only key that it accepts, `sk_test_…`. */
  readonly secretKey: string;
  /** One letter or more that goes into every id; `S` when absent. */
  readonly seed?: string;
  readonly webhooks?: WebhookTargets;
  /** How webhooks go out; the global `fetch` when absent. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** How scripted delays wait; a timer when absent. */
  readonly wait?: (ms: number) => Promise<void>;
}

/**
 * A small Stripe with a memory: the real SDK talks to it over HTTP, or through `fetch` without a
 * socket. Effect, saved reply and webhook of a request are one commit of the store.
 */
export interface StripeSimulator {
  handler(request: Request): Promise<Response>;
  /** For an SDK client in the same process (`Stripe.createFetchHttpClient`). */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Does what time has made due, and sends webhooks that wait. */
  tick(): Promise<void>;
  /** Resolves when no webhook is on its way. */
  idle(): Promise<void>;
  readonly control: SimulatorControl;
}

const MAX_SETTLE_ROUNDS = 10_000;
/** Invoices and their events are large: so few fit into one commit of any store for certain. */
const MATTERS_PER_COMMIT = 4;
const MAX_DELIVERY_ROUNDS = 100;

export async function createStripeSimulator(
  options: StripeSimulatorOptions,
): Promise<StripeSimulator> {
  const { clock, secretKey } = options;
  const state = await openState(options.store, options.seed ?? "S");
  const faults = createFaultScript();
  const exclusive = createTurns();
  let targets: WebhookTargets = options.webhooks ?? {};
  let baseUrl = "http://127.0.0.1";
  let summaryDelayMs = 0;
  let outage = false;
  let holding = false;
  let dueMs = 0;
  let sending: Promise<void> | null = null;
  const laterRefusals = new Map<string, string>();

  const host: Host = {
    baseUrl: () => baseUrl,
    token: (subject) => createHmac("sha256", secretKey).update(subject).digest("hex").slice(0, 40),
    summaryDelayMs: () => summaryDelayMs,
    asyncRefusal: (identifier) => laterRefusals.get(identifier) ?? null,
    listens: (kind) => targets[kind] !== undefined,
  };

  /** Settles what is due, then runs `change` and commits it. One at a time. */
  function exclusively<T>(change: (tx: OpenTransaction) => T): Promise<T> {
    return exclusive(async () => {
      await settle();
      const tx = state.begin(clock.nowMs());
      const result = change(tx);
      await commit(tx);
      return result;
    });
  }

  async function settle(): Promise<void> {
    for (let round = 0; round < MAX_SETTLE_ROUNDS && dueMs <= clock.nowMs(); round += 1) {
      const matters = dueMatters(state.begin(clock.nowMs()));
      for (let at = 0; at < matters.length; at += MATTERS_PER_COMMIT) {
        const tx = state.begin(clock.nowMs());
        const some = matters.slice(at, at + MATTERS_PER_COMMIT);
        for (const matter of some) settleMatter({ tx, host }, matter);
        await commit(tx);
      }
      const tx = state.begin(clock.nowMs());
      const more = settleRest({ tx, host });
      await commit(tx);
      if (matters.length === 0 && !more) dueMs = nextDueMs(state.begin(clock.nowMs()));
    }
  }

  async function commit(tx: OpenTransaction): Promise<void> {
    await tx.commit();
    dueMs = Math.min(dueMs, nextDueOfWritten(tx));
  }

  async function send(shuffle: Shuffle | null): Promise<void> {
    const deps = {
      targets: () => targets,
      fetch: options.fetch ?? fetch,
      exclusively,
    };
    for (let round = 0; round < MAX_DELIVERY_ROUNDS; round += 1) {
      if (await deliverDue(deps, shuffle) === 0) return;
    }
  }

  function startSending(shuffle: Shuffle | null = null): Promise<void> {
    sending ??= send(shuffle).finally(() => {
      sending = null;
    });
    return sending;
  }

  const api = createApi({
    host,
    secretKey,
    exclusively,
    faults,
    nowMs: () => clock.nowMs(),
    isDown: () => outage,
    wait: options.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms))),
    refuseLater: (identifier, code) => laterRefusals.set(identifier, code),
  });
  const pages = createPages({ host, exclusively });
  const control = createControl({
    faults,
    exclusively,
    host,
    setBaseUrl: (url) => baseUrl = url,
    setWebhooks: (next) => targets = next,
    setSummaryDelay: (ms) => summaryDelayMs = ms,
    setOutage: (down) => outage = down,
    holdWebhooks: () => holding = true,
    releaseWebhooks: async (shuffle) => {
      await sending;
      holding = false;
      await startSending(shuffle);
    },
  });

  async function handler(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const response = pathname.startsWith("/_control/")
      ? await answerControl(control, request, secretKey)
      : isPagePath(pathname)
      ? await pages(request)
      : await api(request);
    const listening = targets.snapshot !== undefined || targets.thin !== undefined;
    // What fails here stays stored and goes out with a later request or tick.
    if (listening && !holding) startSending().catch(() => {});
    return response;
  }

  return {
    handler,
    fetch: (input, init) => {
      const request = new Request(input, init);
      return abortable(handler(request), request.signal);
    },
    async tick() {
      await exclusively(() => {});
      if (!holding) await startSending();
    },
    async idle() {
      await sending;
    },
    control,
  };
}

/** The caller stops waiting when it aborts; the request goes on, as it would on a network. */
function abortable(response: Promise<Response>, signal: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    response.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Runs tasks one after the other; a failed one does not stop the next. */
function createTurns(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const turn = last.then(task, task);
    last = turn.catch(() => {});
    return turn;
  };
}
