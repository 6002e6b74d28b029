/**
 * Options of the app and of its build, as plain typed data. Fresh 2 reads no such file by itself:
 * `main.ts` passes `app` to `new App()`, and the build tasks pass `build` to `new Builder()`.
 */
import type { FreshConfig } from "fresh";

/** Proxy headers are judged by our own `TRUST_PROXY`, not by the framework. */
export const app: FreshConfig = { trustProxy: false };

export const build = {
  serverEntry: "main.ts",
  outDir: "_fresh",
  routeDir: "routes",
  islandDir: "islands",
  staticDir: "static",
  target: ["chrome109", "firefox115", "safari16"],
};

export default { app, build };
