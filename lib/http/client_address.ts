/**
 * The caller's address. Behind a trusted proxy it is the last entry of `X-Forwarded-For`, which that
 * proxy wrote; earlier entries are whatever the caller claims.
 */
export function clientAddress(
  req: Request,
  { info, trustProxy }: { info: Deno.ServeHandlerInfo | undefined; trustProxy: boolean },
): string {
  const forwarded = trustProxy ? req.headers.get("x-forwarded-for") : null;
  const last = forwarded?.slice(forwarded.lastIndexOf(",") + 1).trim();
  if (last !== undefined && last !== "") return last;
  const remote = info?.remoteAddr;
  return remote !== undefined && "hostname" in remote ? remote.hostname : "unknown";
}
