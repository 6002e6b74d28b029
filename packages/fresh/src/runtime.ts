/**
 * What components and islands may use on both sides.
 * @module
 */
export { HttpError } from "./error.ts";
export { asset, assetSrcSet } from "./runtime/asset.ts";
export { IS_BROWSER } from "./runtime/environment.ts";
export { Head } from "./runtime/head.ts";
export { Partial, type PartialProps } from "./runtime/partial.ts";
