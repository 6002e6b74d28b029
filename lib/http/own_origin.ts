const LOOPBACK_NAMES: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

export interface OwnSite {
  /** Origin that people reach us at. */
  readonly baseUrl: string;
  readonly isSandbox: boolean;
}

/**
 * The origin that our own pages have for whoever asked for `url`: always the configured one, but a
 * sandbox on this machine goes by each of the machine's own names. Other names that somebody points
 * at this machine stay foreign.
 */
export function ownOriginFor(url: URL, { baseUrl, isSandbox }: OwnSite): string {
  const own = new URL(baseUrl);
  const sameMachine = isSandbox && isLoopbackName(own.hostname) && isLoopbackName(url.hostname) &&
    url.protocol === own.protocol && url.port === own.port;
  return sameMachine ? url.origin : own.origin;
}

/**
 * The same address on the configured origin, for who asked a sandbox by another of its machine's
 * names: providers send people back to the configured one, where cookies of the other are not sent.
 */
export function onOwnSite(url: URL, site: OwnSite): URL | null {
  const { origin } = new URL(site.baseUrl);
  return ownOriginFor(url, site) === origin ? null : new URL(url.pathname + url.search, origin);
}

/**
 * The one origin of passkeys: browsers bind them to a name, never to an address, so a sandbox on
 * `127.0.0.1` has them at `localhost`.
 */
export function passkeyOrigin({ baseUrl, isSandbox }: OwnSite): string {
  const own = new URL(baseUrl);
  if (isSandbox && isLoopbackName(own.hostname)) own.hostname = "localhost";
  return own.origin;
}

export function isLoopbackName(hostname: string): boolean {
  return LOOPBACK_NAMES.has(hostname);
}
