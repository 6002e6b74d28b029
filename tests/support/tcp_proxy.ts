import type { Random } from "./random.ts";

/** Probabilities per connection. */
export interface TcpFaultRates {
  /** Closed as soon as it is open. */
  readonly refused: number;
  /** The request is cut off part of the way. */
  readonly cutRequest: number;
  /** The request arrives, its reply is thrown away. */
  readonly droppedReply: number;
  /** The reply is cut off part of the way. */
  readonly truncatedReply: number;
  /** The reply waits. */
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
        const cutAt = random.between(1, CUT_MAX_BYTES);
        if (strikes("cutRequest")) return await pass(client, server, { limit: cutAt });
        const reply = {
          limit: strikes("droppedReply") ? 0 : strikes("truncatedReply") ? cutAt : Infinity,
          delayMs: strikes("delayed") ? random.below(DELAY_MAX_MS) : 0,
        };
        await Promise.race([pass(client, server, {}), pass(server, client, reply)]);
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

/** Copies until the end, or until `limit` bytes have passed and the connection is to be cut. */
async function pass(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  { limit = Infinity, delayMs = 0 }: { readonly limit?: number; readonly delayMs?: number },
): Promise<void> {
  const buffer = new Uint8Array(16_384);
  for (let passed = 0;;) {
    const count = await from.read(buffer);
    if (count === null) return;
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    let part = buffer.subarray(0, Math.min(count, limit - passed));
    passed += count;
    while (part.length > 0) part = part.subarray(await to.write(part));
    if (passed >= limit) return;
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
