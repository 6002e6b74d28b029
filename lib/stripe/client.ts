import type Stripe from "stripe";

export interface ClientOptions {
  readonly apiKey: string;
  /** Where the API is, e.g. `http://127.0.0.1:12111`; Stripe itself when absent. */
  readonly apiBase?: string | undefined;
  readonly timeoutMs: number;
  /** How often the SDK itself repeats a call that failed to arrive. */
  readonly networkRetries: number;
  /** Instead of the global `fetch`, for a simulator in the same process. */
  readonly fetch?: typeof fetch | undefined;
}

/** The SDK, imported on first use only: nothing of it is on the metered path. */
export function lazyClient(options: ClientOptions): () => Promise<Stripe> {
  let client: Promise<Stripe> | null = null;
  return () => client ??= openClient(options);
}

async function openClient(options: ClientOptions): Promise<Stripe> {
  const { default: StripeSdk } = await import("stripe");
  return new StripeSdk(options.apiKey, {
    maxNetworkRetries: options.networkRetries,
    timeout: options.timeoutMs,
    telemetry: false,
    appInfo: { name: "Clawmeter" },
    ...addressOf(options.apiBase),
    ...(options.fetch === undefined
      ? {}
      : { httpClient: StripeSdk.createFetchHttpClient(options.fetch) }),
  });
}

function addressOf(apiBase: string | undefined) {
  if (apiBase === undefined) return {};
  const { protocol, hostname, port } = new URL(apiBase);
  const scheme: "http" | "https" = protocol === "http:" ? "http" : "https";
  return {
    host: hostname,
    protocol: scheme,
    port: port === "" ? (scheme === "http" ? 80 : 443) : Number(port),
  };
}
