import type { ApiContext } from "@/lib/http/define.ts";
import { methods } from "@/lib/http/methods.ts";

/** The process answers. Says nothing about the database: see /readyz. */
export const handler = methods<ApiContext>({
  GET: () => Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } }),
});
