import type { Env } from "./env.ts";
import type { SandboxFile } from "./sandbox_file.ts";

/** What a person sees when the server listens. */
export function welcome(env: Env, sandbox: SandboxFile | null): string {
  if (sandbox === null) return `Clawmeter (${env.mode}) listens on ${env.baseUrl}`;
  const [first] = sandbox.tenants;
  return [
    "",
    `Clawmeter sandbox on ${env.baseUrl}   (everything here is made up; no key, no money)`,
    "",
    ...sandbox.tenants.flatMap(({ name, apiKey, portalLoginUrl }) => [
      `  ${name}`,
      `    API key   ${apiKey}`,
      `    Portal    ${portalLoginUrl}`,
    ]),
    "  Operator",
    `    Console   ${sandbox.operator.loginUrl}`,
    `    Token     ${sandbox.operator.token}`,
    `  Stripe simulator  ${sandbox.stripe.baseUrl}`,
    "",
    ...first === undefined ? [] : [
      "Rate an instrument:",
      "",
      `  curl -i ${env.baseUrl}/v1/ratings \\`,
      `    -H "Authorization: Bearer ${first.apiKey}" \\`,
      '    -H "Content-Type: application/json" \\',
      `    -d '{"instrument":"US0378331005","include":["risk_score"]}'`,
      "",
    ],
  ].join("\n");
}
