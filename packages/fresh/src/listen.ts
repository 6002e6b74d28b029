import type { ResolvedFreshConfig } from "./config.ts";

/** Options of `app.listen()` and `builder.listen()`. */
export type ListenOptions =
  & Partial<Deno.ServeTcpOptions & Deno.TlsCertifiedKeyPem>
  & { remoteAddress?: string };

type Handler = (req: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>;

const FIRST_PORT = 8000;
const PORTS_TO_TRY = 20;

/** Serves a handler until the server ends. */
export async function listen(
  handler: Handler,
  { options, config }: { options: ListenOptions; config: ResolvedFreshConfig },
): Promise<void> {
  const { remoteAddress, ...serveOptions } = options;
  const onListen = options.onListen ?? ((address: Deno.NetAddr) => {
    const scheme = options.cert === undefined ? "http" : "https";
    const host = remoteAddress ??
      `${scheme}://${displayHost(address.hostname)}:${address.port}`;
    // deno-lint-ignore no-console
    console.log(`Fresh ready at ${host}${config.basePath}/`);
  });
  const server = serveOnFreePort({ ...serveOptions, onListen }, handler);
  await server.finished;
}

function serveOnFreePort(options: ListenOptions, handler: Handler): Deno.HttpServer {
  if (options.port !== undefined) return serve(options, handler);
  for (let port = FIRST_PORT; port < FIRST_PORT + PORTS_TO_TRY; port++) {
    try {
      return serve({ ...options, port }, handler);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Deno.errors.AddrInUse(
    `No free port between ${FIRST_PORT} and ${FIRST_PORT + PORTS_TO_TRY - 1}`,
  );
}

function serve(options: ListenOptions, handler: Handler): Deno.HttpServer {
  return Deno.serve(options as Deno.ServeTcpOptions, handler);
}

function displayHost(hostname: string): string {
  return hostname === "0.0.0.0" || hostname === "::" ? "localhost" : hostname;
}
