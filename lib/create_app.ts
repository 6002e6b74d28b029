import { staticFiles } from "fresh";
import { app as appConfig } from "@/fresh.config.ts";
import { ClawmeterApp } from "./http/app.ts";
import type { AppState } from "./http/define.ts";
import { factsOf } from "./http/request_facts.ts";
import type { Services } from "./services.ts";

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
      // No static file can stand on a path for machines, so none is looked for.
      return factsOf(ctx.info)?.kind === "api" ? ctx.next() : files(ctx);
    })
    .fsRoutes();
}
