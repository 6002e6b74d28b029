/**
 * What the generated server modules import; not for apps.
 * @module
 */
import path from "node:path";

export { setBuildCache } from "./app.ts";
export { IslandPreparer, ProdBuildCache } from "./build_cache.ts";
export { ASSET_CACHE_BUST_KEY } from "./runtime/asset.ts";
export { path };
