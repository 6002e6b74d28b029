import type { Random } from "./random.ts";

/** Probabilities per connection (`refused`) and per piece of data; whatever is cut off is closed. */
export interface TcpFaultRates {
  /** Closed as soon as it is open. */
  readonly refused: number;
  /** A request is cut off part of the way. */
  readonly cutRequest: number;
  /** A request arrives, its reply is thrown away. */
  readonly droppedReply: number;
  /** A reply is cut off part of the way. */
  readonly truncatedReply: number;
  /** A reply waits. */
  readonly delayed: number;
}

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  readonly counts: Record<keyof TcpFaultRates | "connections", number>;
}

const DELAY_MAX_MS = 300;
/** An HTTP head is longer than this, so a cut at or below it never passes for a whole message. */
const CUT_MAX_BYTES = 120;

/** A hostile middle: passes bytes between clients and `target`, and spoils some connections. */
export function startTcpProxy(
  { target, random, rates }: {
    readonly target: { readonly hostname: string; readonly port: number };
    readonly random: Random;
    readonly rates: () => TcpFaultRates;
  },
): TcpProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  const counts = {
    connections: 0,
    refused: 0,
    cutRequest: 0,
    droppedReply: 0,
    truncatedReply: 0,
    delayed: 0,
  };
  const strikes = (fault: keyof TcpFaultRates) => {
    const struck = random.chance(rates()[fault]);
    if (struck) counts[fault]++;
    return struck;
  };

  const serve = async (client: Deno.TcpConn) => {
    counts.connections++;
    open.add(client);
    try {
      if (strikes("refused")) return;
      const server = await Deno.connect(target);
      open.add(server);
      try {
        const cutAt = () => random.between(1, CUT_MAX_BYTES);
        const onRequest = () => ({ limit: strikes("cutRequest") ? cutAt() : Infinity, delayMs: 0 });
        const onReply = () => ({
          limit: strikes("droppedReply") ? 0 : strikes("truncatedReply") ? cutAt() : Infinity,
          delayMs: strikes("delayed") ? random.below(DELAY_MAX_MS) : 0,
        });
        await Promise.race([pass(client, server, onRequest), pass(server, client, onReply)]);
      } finally {
        open.delete(server);
        close(server);
      }
    } finally {
      open.delete(client);
      close(client);
    }
  };

  const accepting = (async () => {
    for await (const client of listener) serve(client).catch(() => {});
  })().catch(() => {});
  return {
    port: listener.addr.port,
    counts,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) close(connection);
      await accepting;
    },
  };
}

interface Fate {
  /** Bytes that still pass before the connection is closed. */
  readonly limit: number;
  readonly delayMs: number;
}

/** Copies until the end, or until a piece of data meets a bad fate. */
async function pass(from: Deno.TcpConn, to: Deno.TcpConn, drawFate: () => Fate): Promise<void> {
  const buffer = new Uint8Array(16_384);
  for (;;) {
    const count = await from.read(buffer);
    if (count === null) return;
    const { limit, delayMs } = drawFate();
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    let part = buffer.subarray(0, Math.min(count, limit));
    while (part.length > 0) part = part.subarray(await to.write(part));
    if (limit < count) return;
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
