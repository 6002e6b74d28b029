import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import path from "node:path";
import { filesBelow, FIXTURE } from "./support.ts";

/** Builds the fixture in a process of its own, as an app's build task does. */
async function buildOnDisk(outDir: string, env: Record<string, string> = {}): Promise<void> {
  const script = `import { Builder } from "fresh/dev";
    await new Builder({ root: ${JSON.stringify(FIXTURE)}, outDir: ${
    JSON.stringify(outDir)
  } }).build();`;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", script],
    cwd: FIXTURE,
    env,
    clearEnv: false,
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}

async function withOutput(use: (outDir: string) => Promise<void>): Promise<void> {
  const outDir = await Deno.makeTempDir({ dir: FIXTURE, prefix: "_out_" });
  try {
    await use(outDir);
  } finally {
    await Deno.remove(outDir, { recursive: true });
  }
}

Deno.test("a build on disk writes the server, the snapshot, the entry and the bundles", async () => {
  await withOutput(async (outDir) => {
    await buildOnDisk(outDir, { GITHUB_SHA: "abc" });
    const files = await filesBelow(outDir);
    for (const name of ["server.js", "snapshot.js", "compiled-entry.js", "static/styles.css"]) {
      assert(files.includes(name), `${name} in ${files}`);
    }
    const bundles = files.filter((file) => file.startsWith("static/_fresh/js/"));
    assert(bundles.every((file) => /-[A-Z0-9]{8}\.js$/.test(file)), String(bundles));
    assert(!files.some((file) => file.includes("metafile")));
    assert(!files.includes("static/hello.txt"), "unchanged static files stay where they are");
  });
});

Deno.test("the build id is the SHA-1 of the commit, so that builds of one commit agree", async () => {
  await withOutput(async (outDir) => {
    await buildOnDisk(outDir, { GITHUB_SHA: "abc" });
    const first = await Deno.readTextFile(path.join(outDir, "snapshot.js"));
    assertStringIncludes(first, 'version = "a9993e364706816aba3e25717850c26c9cd0d89d"');
    await buildOnDisk(outDir, { GITHUB_SHA: "abc" });
    assertEquals(await Deno.readTextFile(path.join(outDir, "snapshot.js")), first);
  });
});

Deno.test("the built server serves pages, islands and static files with few permissions", async () => {
  await withOutput(async (outDir) => {
    await buildOnDisk(outDir);
    const server = new Deno.Command(Deno.execPath(), {
      args: [
        "serve",
        "--no-lock",
        "--allow-net=127.0.0.1",
        "--allow-read=.",
        "--allow-env=DENO_DEPLOYMENT_ID,GITHUB_SHA,CI_COMMIT_SHA",
        "--host=127.0.0.1",
        "--port=0",
        path.join(outDir, "server.js"),
      ],
      cwd: FIXTURE,
      stdout: "null",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    try {
      const origin = await listeningOrigin(server.stderr);
      const home = await fetch(origin);
      assertStringIncludes(await home.text(), "boot({Counter,Double}");
      const script = /<([^>]+fresh-runtime[^>]+)>/.exec(home.headers.get("link") ?? "")?.[1] ?? "";
      const runtime = await fetch(origin + script);
      assertEquals(runtime.headers.get("cache-control"), "public, max-age=31536000, immutable");
      assertEquals(runtime.headers.get("content-type"), "text/javascript; charset=UTF-8");
      await runtime.body?.cancel();
      assertEquals(await (await fetch(`${origin}/hello.txt`)).text(), "plain text\n");
      assertEquals(await (await fetch(`${origin}/moved/x`)).text(), "moved");
      const missing = await fetch(`${origin}/nothing`);
      assertEquals(missing.status, 404);
      await missing.body?.cancel();
    } finally {
      server.kill("SIGTERM");
      await server.status;
    }
  });
});

/** Reads the address that `deno serve` prints, then lets the rest of its output go. */
async function listeningOrigin(stderr: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const reader = stderr.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { value, done } = await reader.read();
    text += decoder.decode(value);
    const match = /http:\/\/127\.0\.0\.1:\d+/.exec(text);
    if (match !== null) {
      await reader.cancel();
      return match[0];
    }
    if (done) throw new Error(`The server did not start: ${text}`);
  }
}

Deno.test("builder.listen() serves the app and tells pages to reload after a restart", async () => {
  const script = `import { Builder } from "fresh/dev";
    await new Builder({ root: ${JSON.stringify(FIXTURE)} })
      .listen(() => import(${JSON.stringify(path.join(FIXTURE, "main.ts"))}), {
        hostname: "127.0.0.1",
        port: 0,
      });`;
  const server = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", script],
    cwd: FIXTURE,
    stdout: "piped",
    stderr: "null",
  }).spawn();
  try {
    const origin = await listeningOrigin(server.stdout);
    const html = await (await fetch(`${origin}/static`)).text();
    const revision = /data!=="(\d+)"/.exec(html)?.[1];
    const alive = await fetch(`${origin}/_frsh/alive`);
    const reader = alive.body?.getReader();
    const first = new TextDecoder().decode((await reader?.read())?.value);
    assertStringIncludes(first, `data: ${revision}`);
    await reader?.cancel();
  } finally {
    server.kill("SIGTERM");
    await server.status;
  }
});
