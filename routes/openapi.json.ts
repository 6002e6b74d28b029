import type { ApiContext } from "@/lib/http/define.ts";
import { methods } from "@/lib/http/methods.ts";
import { openApiDocument } from "@/lib/http/openapi.ts";

/** The API's description, made from the operations that are served. */
export const handler = methods<ApiContext>({
  GET: ({ state }) =>
    Response.json(openApiDocument({ baseUrl: state.services.env.baseUrl }), {
      headers: { "cache-control": "public, max-age=300" },
    }),
});
