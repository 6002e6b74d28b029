import type { StripeSimulator } from "./simulator.ts";

export interface RunningSimulator {
  /** `http://127.0.0.1:<port>` */
  readonly baseUrl: string;
  close(): Promise<void>;
}

const TICK_MS = 5_000;

/** Listens on loopback (an ephemeral port when `port` is 0) and lets time pass. */
export function serveStripeSimulator(
  simulator: StripeSimulator,
  options: { port?: number; tickMs?: number } = {},
): RunningSimulator {
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: options.port ?? 0,
    onListen: () => {},
    onError: () => new Response("The simulator failed", { status: 500 }),
  }, (request) => simulator.handler(request));
  const baseUrl = `http://127.0.0.1:${server.addr.port}`;
  simulator.control.setBaseUrl(baseUrl);
  const timer = setInterval(() => simulator.tick().catch(() => {}), options.tickMs ?? TICK_MS);
  return {
    baseUrl,
    async close() {
      clearInterval(timer);
      await server.shutdown();
      await simulator.idle();
    },
  };
}
