import { z } from "zod";
import type { Shuffle, WebhookTargets } from "./deliveries.ts";
import type { Host } from "./endpoint.ts";
import { reportErrors } from "./error_reports.ts";
import { type Fault, fault, type FaultScript } from "./faults.ts";
import type { OpenTransaction } from "./state.ts";

/** What a real Stripe would never let you do. Also `POST /_control/<name>` with a JSON body. */
export interface SimulatorControl {
  addFault(fault: Fault): void;
  clearFaults(): void;
  /** Faults that have not met their call yet. */
  waitingFaults(): number;
  /** Every call is answered 503 until it is over. */
  setOutage(down: boolean): void;
  /** How long accepted usage stays out of the summaries from now on. */
  setSummaryDelay(ms: number): void;
  /** Reports asynchronous refusals now instead of at their window's end. */
  reportErrors(): Promise<void>;
  /** How payments of a customer end; `null` takes the payment method away. */
  setCard(customerId: string, card: "pays" | "declines" | null): Promise<boolean>;
  /** Keeps webhooks back until they are released. */
  holdWebhooks(): void;
  /** Sends what was held: copies, another order. Later ones go out at once again. */
  releaseWebhooks(shuffle?: Partial<Shuffle>): Promise<void>;
  setWebhooks(targets: WebhookTargets): void;
  /** Where browsers reach the pages; set once the port is known. */
  setBaseUrl(url: string): void;
}

export interface ControlDeps {
  readonly faults: FaultScript;
  readonly exclusively: <T>(change: (tx: OpenTransaction) => T) => Promise<T>;
  readonly host: Host;
  readonly setBaseUrl: (url: string) => void;
  readonly setWebhooks: (targets: WebhookTargets) => void;
  readonly setSummaryDelay: (ms: number) => void;
  readonly setOutage: (down: boolean) => void;
  readonly holdWebhooks: () => void;
  readonly releaseWebhooks: (shuffle: Shuffle) => Promise<void>;
}

export function createControl(deps: ControlDeps): SimulatorControl {
  return {
    addFault: (fault) => deps.faults.add(fault),
    clearFaults: () => deps.faults.clear(),
    waitingFaults: () => deps.faults.waiting,
    setOutage: deps.setOutage,
    setSummaryDelay: deps.setSummaryDelay,
    reportErrors: () =>
      deps.exclusively((tx) => reportErrors({ tx, host: deps.host }, { all: true })),
    setCard: (customerId, card) =>
      deps.exclusively((tx) => {
        const customer = tx.get("customers", customerId);
        if (customer === undefined) return false;
        tx.put("customers", customerId, { ...customer, card });
        return true;
      }),
    holdWebhooks: deps.holdWebhooks,
    releaseWebhooks: (shuffle = {}) =>
      deps.releaseWebhooks({ order: "as_made", copies: 1, seed: 1, ...shuffle }),
    setWebhooks: deps.setWebhooks,
    setBaseUrl: (url) => deps.setBaseUrl(url.replace(/\/$/, "")),
  };
}

const MAX_BODY_CHARACTERS = 65_536;

const card = z.strictObject({
  customer: z.string(),
  card: z.enum(["pays", "declines"]).nullable(),
});
const outage = z.strictObject({ down: z.boolean() });
const delay = z.strictObject({ ms: z.number().int().min(0).max(86_400_000) });
const release = z.strictObject({
  order: z.enum(["as_made", "reversed", "shuffled"]),
  copies: z.number().int().min(1).max(10),
  seed: z.number().int().min(1),
}).partial();

/** The control over HTTP, for the holder of the secret key. */
export async function answerControl(
  control: SimulatorControl,
  request: Request,
  secretKey: string,
): Promise<Response> {
  if (request.headers.get("authorization") !== `Bearer ${secretKey}`) {
    return problem(401, "The control needs the simulator's secret key as bearer token.");
  }
  if (request.method !== "POST") return problem(405, "The control takes POST only.");
  const text = await request.text();
  if (text.length > MAX_BODY_CHARACTERS) return problem(413, "The body is too large.");
  const name = new URL(request.url).pathname.slice("/_control/".length);
  try {
    const known = await steer(control, name, text === "" ? {} : JSON.parse(text));
    return known ? Response.json({ ok: true }) : problem(404, `No control is named ${name}.`);
  } catch (error) {
    return problem(400, error instanceof Error ? error.message : "The body was not understood.");
  }
}

async function steer(control: SimulatorControl, name: string, body: unknown): Promise<boolean> {
  switch (name) {
    case "faults":
      control.addFault(fault.parse(body));
      return true;
    case "clear_faults":
      control.clearFaults();
      return true;
    case "outage":
      control.setOutage(outage.parse(body).down);
      return true;
    case "summary_delay":
      control.setSummaryDelay(delay.parse(body).ms);
      return true;
    case "report_errors":
      await control.reportErrors();
      return true;
    case "card": {
      const wanted = card.parse(body);
      return await control.setCard(wanted.customer, wanted.card);
    }
    case "hold_webhooks":
      control.holdWebhooks();
      return true;
    case "release_webhooks":
      await control.releaseWebhooks(defined(release.parse(body)));
      return true;
    default:
      return false;
  }
}

function defined(shuffle: z.output<typeof release>): Partial<Shuffle> {
  return Object.fromEntries(Object.entries(shuffle).filter(([, value]) => value !== undefined));
}

function problem(status: number, message: string): Response {
  return Response.json({ error: { message } }, { status });
}
