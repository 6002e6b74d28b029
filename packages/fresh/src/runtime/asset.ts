import { buildId } from "./build_id.ts";

/** The query parameter that marks an asset as belonging to one build. */
export const ASSET_CACHE_BUST_KEY = "__frsh_c";

/**
 * Adds the build id to the address of a static file, which may then be cached for ever. Addresses
 * that do not start with one slash are left alone.
 */
export function asset(path: string): string {
  if (
    !path.startsWith("/") || path.startsWith("//") ||
    path.includes(ASSET_CACHE_BUST_KEY)
  ) {
    return path;
  }
  const hashAt = path.indexOf("#");
  const hash = hashAt === -1 ? "" : path.slice(hashAt);
  const address = hashAt === -1 ? path : path.slice(0, hashAt);
  const separator = address.includes("?") ? "&" : "?";
  return `${address}${separator}${ASSET_CACHE_BUST_KEY}=${buildId()}${hash}`;
}

/** `asset()` for every address of a `srcset` attribute. */
export function assetSrcSet(srcset: string): string {
  if (srcset.includes("(")) return srcset; // data URLs and functions hold commas of their own
  return srcset.split(",").map((candidate) => {
    const [, space = "", address = "", rest = ""] = /^(\s*)(\S+)(.*)$/s.exec(candidate) ?? [];
    return address === "" ? candidate : space + asset(address) + rest;
  }).join(",");
}
