/**
 * A loopback port for a process that is told where to listen. Not one of those that the system hands
 * out to whoever connects: it would be taken before the process is there.
 */
export function freePort(): number {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * COUNT);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

const LOWEST = 12_000;
const COUNT = 18_000;
