import { newSecret } from "@/lib/auth/secret.ts";
import type { Env } from "@/lib/platform/env.ts";
import { sandboxFolder } from "@/lib/platform/sandbox_file.ts";
import {
  keptSandboxSecrets,
  newSandboxSecrets,
  type SandboxSecrets,
} from "@/lib/platform/sandbox_secrets.ts";
import type { Ids } from "@/lib/ports/ids.ts";

const FILE_NAME = "sandbox-secrets.json";

/** A sandbox's own secrets, kept beside its data; one without a file of data has new ones each time. */
export async function composeSecrets(env: Env, ids: Ids): Promise<SandboxSecrets> {
  const fresh = newSandboxSecrets(() => newSecret(ids));
  const isKept = env.mode === "sandbox" && env.kv.url !== ":memory:" && !env.onDeploy;
  return isKept ? await keptSandboxSecrets(sandboxFolder(env) + FILE_NAME, fresh) : fresh;
}
