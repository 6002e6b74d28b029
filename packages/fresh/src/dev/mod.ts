/**
 * Building and serving an app while developing.
 * @module
 */
export { Builder } from "./builder.ts";
export type { OnTransformArgs, OnTransformOptions, TransformFn } from "./file_transformer.ts";
export type { BuildOptions, ResolvedBuildConfig } from "./options.ts";
