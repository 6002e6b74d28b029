import type { Runtime } from "@/lib/compose.ts";
import type { Env } from "@/lib/platform/env.ts";
import {
  readSandboxFile,
  type SandboxFile,
  sandboxFilePath,
  writeSandboxFile,
} from "@/lib/platform/sandbox_file.ts";
import { seedSandbox } from "@/lib/sandbox/seed_sandbox.ts";

/** The printed link signs in once, within this time of the start; the token always does. */
const OPERATOR_LINK_MS = 24 * 3_600_000;

/** The sandbox's own operator token, kept from start to start. */
export async function keptOperatorToken(env: Env): Promise<string | undefined> {
  const file = await readSandboxFile(sandboxFilePath(env));
  return file?.operator.token;
}

/** Fills the sandbox and writes down how to get in. */
export async function prepareSandbox(
  { services, engineAt }: Runtime,
  { plansText, say }: { readonly plansText: string; readonly say: (what: string) => void },
): Promise<SandboxFile> {
  const { env, operatorToken, simulatorUrl } = services;
  const path = sandboxFilePath(env);
  const known = await readSandboxFile(path);
  const knownKeys = await keysThatWork(services, known);
  const tenants = env.sandboxSeed
    ? await seedSandbox(services, { plansText, knownKeys, engineAt, say })
    : [];
  const code = await services.operatorSignIn.issueLink(OPERATOR_LINK_MS);
  const file: SandboxFile = {
    baseUrl: env.baseUrl,
    tenants: [...tenants],
    operator: { token: operatorToken, loginUrl: `${env.baseUrl}/operator/sign-in?code=${code}` },
    stripe: { mode: "simulator", baseUrl: simulatorUrl ?? "" },
  };
  await writeSandboxFile(path, file);
  return file;
}

/** A key in the file may belong to a database that is gone. */
async function keysThatWork(
  services: Runtime["services"],
  file: SandboxFile | null,
): Promise<ReadonlyMap<string, string>> {
  const kept = new Map<string, string>();
  for (const { tenantId, apiKey } of file?.tenants ?? []) {
    const caller = await services.authenticator.authenticate({
      authorization: `Bearer ${apiKey}`,
      ip: "127.0.0.1",
    });
    if (caller.ok && caller.value.tenant.tenantId === tenantId) kept.set(tenantId, apiKey);
  }
  return kept;
}
