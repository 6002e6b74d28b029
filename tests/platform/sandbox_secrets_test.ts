import { assertEquals, assertNotEquals } from "@std/assert";
import { composeSecrets } from "@/lib/compose/secrets.ts";
import { createIds } from "@/lib/platform/ids.ts";
import { parseEnv } from "@/lib/platform/env.ts";
import { systemClock } from "@/lib/platform/system_clock.ts";

const ids = createIds(systemClock);

async function secretsOf(kvUrl: string) {
  const env = parseEnv({ KV_URL: kvUrl });
  if (!env.ok) throw new Error(env.error.detail);
  return await composeSecrets(env.value, ids);
}

Deno.test("each sandbox has secrets of its own, the same at every start, for its user only", async () => {
  const [one, other] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  try {
    const first = await secretsOf(`${one}/.data/clawmeter.db`);
    assertEquals(await secretsOf(`${one}/.data/clawmeter.db`), first);
    const second = await secretsOf(`${other}/.data/clawmeter.db`);
    for (const name of ["session", "simulatorKey", "snapshotWebhook", "thinWebhook"] as const) {
      assertNotEquals(second[name], first[name]);
    }
    assertNotEquals(first.snapshotWebhook, first.thinWebhook);
    const { mode } = await Deno.stat(`${one}/.data/sandbox-secrets.json`);
    assertEquals((mode ?? 0) & 0o777, 0o600);
    const files = [...Deno.readDirSync(`${one}/.data`)].map(({ name }) => name);
    assertEquals(files, ["sandbox-secrets.json"]);
  } finally {
    await Deno.remove(one, { recursive: true });
    await Deno.remove(other, { recursive: true });
  }
});

Deno.test("processes that start at once agree, and a broken file is made anew", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/clawmeter.db`;
  try {
    const all = await Promise.all(Array.from({ length: 8 }, () => secretsOf(path)));
    for (const one of all) assertEquals(one, all[0]);
    await Deno.writeTextFile(`${folder}/sandbox-secrets.json`, '{"session":"short"}');
    const anew = await secretsOf(path);
    assertNotEquals(anew, all[0]);
    assertEquals(await secretsOf(path), anew);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a sandbox in memory leaves no secrets behind", async () => {
  assertNotEquals(await secretsOf(":memory:"), await secretsOf(":memory:"));
});
