import { staticFiles } from "fresh";
import { app as appConfig } from "@/fresh.config.ts";
import { ClawmeterApp } from "./http/app.ts";
import type { AppState } from "./http/define.ts";
import type { Services } from "./services.ts";

/** Paths for machines: no static file can stand there, so none is looked for. */
const API_PATH = /^\/(v1|operator\/v1|webhooks|internal|healthz|readyz|metrics)(\/|$)/;

/** The whole web app over its services; runs the same on upstream Fresh. */
export function createApp(services: Services): ClawmeterApp<AppState> {
  const { env, ids, clock, logger, simulatorUrl } = services;
  const files = staticFiles<AppState>();
  return new ClawmeterApp<AppState>(appConfig)
    .shell({
      ids,
      clock,
      logger,
      trustProxy: env.trustProxy,
      secure: env.secureCookies,
      logCalls: env.logLevel === "debug",
      formTargets: [
        "https://billing.stripe.com",
        "https://checkout.stripe.com",
        ...simulatorUrl === null ? [] : [simulatorUrl],
      ],
    })
    .use((ctx) => {
      ctx.state.services = services;
      return API_PATH.test(ctx.url.pathname) ? ctx.next() : files(ctx);
    })
    .fsRoutes();
}
