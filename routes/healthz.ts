import { define } from "@/lib/http/define.ts";

/** The process answers. Says nothing about the database: see /readyz. */
export const handler = define.handlers({
  GET: () => Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } }),
});
