/**
 * A small HTTP/1.1 load generator over raw keep-alive sockets, run as a process of its own so that
 * it shares no event loop with the server that it measures. Prints one JSON line.
 *
 *   deno run -A benchmarks/load.ts <spec.json>
 */

/** What to send, to which loopback port, how often. */
export interface LoadSpec {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Drawn evenly, in an order that is the same in each run. */
  readonly bodies: readonly string[];
  readonly connections: number;
  readonly requests: number;
  /**
   * Requests begin at this pace, whether or not earlier ones are answered; absent: each connection
   * sends its next request as soon as it has its answer.
   */
  readonly perSecond?: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly statuses: Readonly<Record<string, number>>;
}

/** Runs the load generator in a process of its own. */
export async function measureLoad(spec: LoadSpec): Promise<LoadResult> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.url, JSON.stringify(spec)],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function drive(spec: LoadSpec): Promise<LoadResult> {
  const latencies = new Float64Array(spec.requests);
  const statuses: Record<string, number> = {};
  const messages = spec.bodies.map((body) => message(spec, body));
  const order = drawnOrder(spec.requests, messages.length);
  let next = 0;
  const started = performance.now();
  await Promise.all(Array.from({ length: spec.connections }, async () => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: spec.port });
    connection.setNoDelay(true);
    const replies = new ReplyReader(connection);
    while (next < spec.requests) {
      const index = next++;
      const begun = await turnOf(index, { started, perSecond: spec.perSecond });
      await connection.write(messages[order[index] ?? 0] ?? new Uint8Array());
      const status = await replies.next();
      latencies[index] = performance.now() - begun;
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    connection.close();
  }));
  const seconds = (performance.now() - started) / 1000;
  latencies.sort();
  return {
    requests: spec.requests,
    seconds,
    requestsPerSecond: Math.round(spec.requests / seconds),
    p50Ms: latencies[Math.floor(spec.requests * 0.5)] ?? 0,
    p99Ms: latencies[Math.floor(spec.requests * 0.99)] ?? 0,
    statuses,
  };
}

/**
 * When the request counts as begun. One that had to wait for a free connection began when it was
 * due, so a server that falls behind can't hide it.
 */
async function turnOf(
  index: number,
  { started, perSecond }: { started: number; perSecond: number | undefined },
): Promise<number> {
  if (perSecond === undefined) return performance.now();
  const due = started + index * 1000 / perSecond;
  const early = due - performance.now();
  if (early <= 0) return due;
  await new Promise((resolve) => setTimeout(resolve, early));
  return performance.now();
}

function message(spec: LoadSpec, body: string): Uint8Array<ArrayBuffer> {
  const head = Object.entries({
    host: `127.0.0.1:${spec.port}`,
    ...spec.headers,
    "content-length": String(new TextEncoder().encode(body).length),
  }).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return new TextEncoder().encode(
    `${spec.method} ${spec.path} HTTP/1.1\r\n${head}\r\n${body}`,
  );
}

/** Lehmer's generator: the same draws in each run. */
function drawnOrder(count: number, choices: number): Uint32Array {
  let state = 1;
  return Uint32Array.from({ length: count }, () => {
    state = state * 48_271 % 2_147_483_647;
    return state % choices;
  });
}

/** Reads replies with `content-length` or chunked bodies off one keep-alive socket. */
class ReplyReader {
  #buffer = new Uint8Array(65_536);
  #filled = 0;
  readonly #decoder = new TextDecoder("latin1");

  constructor(private readonly connection: Deno.TcpConn) {}

  async next(): Promise<string> {
    for (;;) {
      const text = this.#decoder.decode(this.#buffer.subarray(0, this.#filled));
      const end = replyEnd(text);
      if (end !== -1) {
        this.#buffer.copyWithin(0, end, this.#filled);
        this.#filled -= end;
        return text.slice(9, 12);
      }
      if (this.#filled === this.#buffer.length) this.#grow();
      const read = await this.connection.read(this.#buffer.subarray(this.#filled));
      if (read === null) throw new Error("The server closed the connection");
      this.#filled += read;
    }
  }

  #grow(): void {
    const larger = new Uint8Array(this.#buffer.length * 2);
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}

function replyEnd(text: string): number {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd === -1) return -1;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, headEnd));
  if (length !== null) {
    const end = headEnd + 4 + Number(length[1]);
    return text.length >= end ? end : -1;
  }
  const chunked = text.indexOf("0\r\n\r\n", headEnd + 4);
  return chunked === -1 ? -1 : chunked + 5;
}

if (import.meta.main) {
  console.log(JSON.stringify(await drive(JSON.parse(Deno.args[0] ?? "{}"))));
}
