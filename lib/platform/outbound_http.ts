import type {
  NameResolver,
  Outbound,
  OutboundAnswer,
  OutboundRequest,
} from "@/lib/ports/outbound.ts";

/** The system's resolver, for A and AAAA. */
export const systemResolver: NameResolver = {
  addresses: async (hostname) => {
    const answers = await Promise.allSettled([
      Deno.resolveDns(hostname, "A"),
      Deno.resolveDns(hostname, "AAAA"),
    ]);
    return answers.flatMap((answer) => answer.status === "fulfilled" ? answer.value : []);
  },
};

/**
 * `fetch` to a pinned address: the connection goes where the caller has checked, while TLS still
 * proves the name, so that a second DNS answer can't lead elsewhere.
 */
export const outboundHttp: Outbound = {
  send: async (request) => {
    const { url, address, method, headers, body, timeoutMs, maxBytes } = request;
    using client = Deno.createHttpClient({
      proxy: { transport: "tcp", hostname: address, port: portOf(url) },
      poolMaxIdlePerHost: 0,
    });
    const init: RequestInit & { client: Deno.HttpClient } = {
      client,
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    };
    try {
      return await readAnswer(await fetch(url, init), maxBytes);
    } catch (error) {
      return failure(error, request);
    }
  },
};

async function readAnswer(response: Response, maxBytes: number): Promise<OutboundAnswer> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      return { ok: false, code: "too_large", detail: `The answer has over ${maxBytes} bytes` };
    }
    text += decoder.decode(chunk, { stream: true });
  }
  text += decoder.decode();
  const contentType = response.headers.get("content-type") ?? "";
  return { ok: true, status: response.status, contentType, text };
}

function failure(error: unknown, { timeoutMs }: OutboundRequest): OutboundAnswer {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return { ok: false, code: "timeout", detail: `No answer within ${timeoutMs} ms` };
  }
  const detail = error instanceof Error ? error.message : "The connection failed";
  return { ok: false, code: "unreachable", detail };
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}
