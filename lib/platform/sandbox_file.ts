import { z } from "zod";
import type { Env } from "./env.ts";

const SandboxFileSchema = z.object({
  baseUrl: z.string(),
  tenants: z.array(z.object({
    tenantId: z.string(),
    name: z.string(),
    apiKey: z.string(),
    portalLoginUrl: z.string(),
  })),
  operator: z.object({ token: z.string(), loginUrl: z.string() }),
  stripe: z.object({ mode: z.literal("simulator"), baseUrl: z.string() }),
});

/** What a sandbox tells people and scripts about itself; secrets of a sandbox only. */
export type SandboxFile = z.infer<typeof SandboxFileSchema>;

/** Beside the database, with a slash at the end; a database elsewhere leaves it where the usual one is. */
export function sandboxFolder({ kv: { url } }: Pick<Env, "kv">): string {
  return url === null || !url.includes("/") || /^https?:/.test(url)
    ? ".data/"
    : url.slice(0, url.lastIndexOf("/") + 1);
}

export function sandboxFilePath(env: Pick<Env, "kv">): string {
  return `${sandboxFolder(env)}sandbox.json`;
}

/** `null` when there is none, or none that can be read: then it is made anew. */
export async function readSandboxFile(path: string): Promise<SandboxFile | null> {
  try {
    const parsed = SandboxFileSchema.safeParse(JSON.parse(await Deno.readTextFile(path)));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Readable by this user only; replaced in one step. */
export async function writeSandboxFile(path: string, file: SandboxFile): Promise<void> {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  if (folder !== "") await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const fresh = `${path}.new`;
  await Deno.writeTextFile(fresh, JSON.stringify(file, null, 2) + "\n", { mode: 0o600 });
  await Deno.chmod(fresh, 0o600);
  await Deno.rename(fresh, path);
}
