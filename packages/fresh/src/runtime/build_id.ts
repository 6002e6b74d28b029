import { createHash, randomUUID } from "node:crypto";

let current: string | null = null;

/**
 * Names this build in the addresses of its assets. Derived from the deployment's own id, so that
 * builds of one commit agree; without one it is random.
 */
export function buildId(): string {
  return current ??= deriveBuildId();
}

/** Takes over the id of the build that is being served. */
export function setBuildId(id: string): void {
  current = id;
}

const SOURCES = ["DENO_DEPLOYMENT_ID", "GITHUB_SHA", "CI_COMMIT_SHA"];

function deriveBuildId(): string {
  const source = SOURCES.map(readEnv).find((value) => value !== undefined && value !== "");
  return createHash("sha1").update(source ?? randomUUID()).digest("hex");
}

function readEnv(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined; // not permitted: as good as not set
  }
}
