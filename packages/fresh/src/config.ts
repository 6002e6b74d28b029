/** Options of `new App()`. */
export interface FreshConfig {
  /** The app answers under this path only, e.g. `/docs`. Starts with a slash, has none at the end. */
  basePath?: string;
  mode?: "development" | "production";
  /** Believe `X-Forwarded-Proto` and `X-Forwarded-Host` when building `ctx.url`. */
  trustProxy?: boolean;
}

/** `FreshConfig` with every default filled in; what `app.config` and `ctx.config` hold. */
export interface ResolvedFreshConfig {
  /** Absolute path of the project; the builder sets it. */
  root: string;
  basePath: string;
  mode: "development" | "production";
  trustProxy: boolean;
}

export function resolveConfig(config: FreshConfig = {}): ResolvedFreshConfig {
  return {
    root: ".",
    basePath: parseBasePath(config.basePath ?? ""),
    mode: config.mode ?? "production",
    trustProxy: config.trustProxy ?? false,
  };
}

function parseBasePath(basePath: string): string {
  if (basePath === "" || basePath === "/") return "";
  if (!basePath.startsWith("/")) {
    throw new TypeError(`"basePath" must start with "/", got "${basePath}"`);
  }
  return basePath.endsWith("/") ? basePath.slice(0, -1) : basePath;
}
