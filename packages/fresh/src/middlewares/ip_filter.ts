import { BlockList, isIP } from "node:net";
import type { Context } from "../context.ts";
import type { Middleware } from "../types.ts";

/** Addresses (`10.0.0.1`, `::1`) and ranges (`10.0.0.0/8`) of clients. */
export interface IpFilterRules {
  /** Refused always. */
  denyList?: string[];
  /** If given, nobody else is let in. */
  allowList?: string[];
}

export interface IpFilterOptions {
  /** Answers a refused request; by default a bare 403. */
  onBlocked?: (
    remote: { addr: string; type: Deno.NetAddr["transport"] | undefined },
    // deno-lint-ignore no-explicit-any
    ctx: Context<any>,
  ) => Response | Promise<Response>;
}

/** Lets requests through by the address of the client that is connected. */
export function ipFilter<State>(
  rules: IpFilterRules,
  options: IpFilterOptions = {},
): Middleware<State> {
  const denied = blockList(rules.denyList ?? []);
  const allowed = rules.allowList?.length ? blockList(rules.allowList) : null;
  return async function filterByAddress(ctx) {
    const remote = ctx.info.remoteAddr;
    if (remote.transport !== "tcp" && remote.transport !== "udp") {
      return blocked(ctx, "", undefined);
    }
    const { hostname, transport } = remote;
    const family = isIP(hostname) === 6 ? "ipv6" : "ipv4";
    const passes = !denied.check(hostname, family) &&
      (allowed === null || allowed.check(hostname, family));
    return passes ? await ctx.next() : await blocked(ctx, hostname, transport);
  };

  function blocked(
    ctx: Context<State>,
    addr: string,
    type: Deno.NetAddr["transport"] | undefined,
  ): Response | Promise<Response> {
    return options.onBlocked?.({ addr, type }, ctx) ??
      new Response("Forbidden", { status: 403 });
  }
}

function blockList(entries: string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", prefix] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
