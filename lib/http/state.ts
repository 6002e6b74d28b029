import type { Session } from "@/lib/ports/sessions.ts";
import type { CallerConfig } from "@/lib/ports/tenancy.ts";

/**
 * What middlewares and handlers share of one request. `Services` is what the composition root
 * offers; it puts it there with its own first middleware.
 */
export interface State<Services = unknown> {
  requestId: string;
  /** The caller's address, `unknown` when there is none. */
  ip: string;
  startedAtMs: number;
  services: Services;
  /** Set on `/v1` once the credential is proven. */
  caller?: CallerConfig;
  /** Set on pages; null when nobody is signed in. */
  session?: Session | null;
  /** Secret behind the forms of this page: the session's cookie, or the browser's before it. */
  formSecret?: string;
}
