/** Builds islands, routes and static files into `_fresh/` (`deno task build`). */
import { Builder } from "fresh/dev";
import { build } from "@/fresh.config.ts";

await new Builder(build).build();
console.log(`Built into ${build.outDir}/`);
