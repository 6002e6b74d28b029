import { variablesHelp } from "./variables.ts";

/** The text of `deno task start --help`. */
export function startHelp(): string {
  return `Clawmeter: a metered, multi-tenant rating API with Stripe billing.

Usage: deno task start [--help]

Builds what is missing and serves on HOST:PORT. Without STRIPE_SECRET_KEY it runs as a sandbox, with
a built-in Stripe simulator and sample tenants; .data/sandbox.json says how to get in.
SIGINT and SIGTERM stop it within 5 seconds, with nothing lost.

${variablesHelp()}`;
}
