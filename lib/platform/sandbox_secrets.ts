import { z } from "zod";

const SandboxSecretsSchema = z.object({
  /** Signs page cursors. */
  session: z.string().min(32),
  /** The only key that the Stripe simulator takes. */
  simulatorKey: z.string().startsWith("sk_test_").min(40),
  /** Sign what the simulator posts to the webhook routes. */
  snapshotWebhook: z.string().startsWith("whsec_").min(38),
  thinWebhook: z.string().startsWith("whsec_").min(38),
});

/** What a sandbox would be given by a deployment: made at random, once, for this sandbox alone. */
export type SandboxSecrets = Readonly<z.infer<typeof SandboxSecretsSchema>>;

export function newSandboxSecrets(randomText: () => string): SandboxSecrets {
  return {
    session: randomText(),
    simulatorKey: `sk_test_${randomText()}`,
    snapshotWebhook: `whsec_${randomText()}`,
    thinWebhook: `whsec_${randomText()}`,
  };
}

/**
 * The secrets in the file; `fresh` ones are written there when it has none that can be read. Of
 * processes that start at once, all get the same.
 */
export async function keptSandboxSecrets(
  path: string,
  fresh: SandboxSecrets,
): Promise<SandboxSecrets> {
  const known = await read(path);
  if (known !== null) return known;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  if (folder !== "") await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = await Deno.makeTempFile({ dir: folder === "" ? "." : folder, prefix: ".secrets-" });
  try {
    // Made readable by this user only before anything is in it.
    await Deno.chmod(draft, 0o600);
    await Deno.writeTextFile(draft, JSON.stringify(fresh, null, 2) + "\n");
    await Deno.link(draft, path);
    return fresh;
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    const others = await read(path);
    if (others !== null) return others;
    await Deno.copyFile(draft, path);
    await Deno.chmod(path, 0o600);
    return fresh;
  } finally {
    await Deno.remove(draft);
  }
}

async function read(path: string): Promise<SandboxSecrets | null> {
  try {
    const parsed = SandboxSecretsSchema.safeParse(JSON.parse(await Deno.readTextFile(path)));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return null;
    throw error;
  }
}
