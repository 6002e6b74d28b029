/** The product as a newcomer starts it: one command, a real process, a real port. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { SandboxFile } from "@/lib/platform/sandbox_file.ts";
import { freePort } from "../support/free_port.ts";
import { turn } from "../support/turn.ts";

const ROOT = new URL("../../", import.meta.url);
const HISTORY_MS = 20 * 86_400_000;

interface Started extends AsyncDisposable {
  readonly sandbox: SandboxFile;
  readonly output: () => string;
  /** Sends a signal and resolves with the exit code. */
  stop(signal: Deno.Signal): Promise<number>;
}

async function start(folder: string): Promise<Started> {
  // Whoever finds no build, or an old one, makes it: not two at once.
  using _ = await turn("build");
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "main.ts"],
    cwd: ROOT,
    env: { PORT: String(freePort()), KV_URL: `${folder}/.data/clawmeter.db`, LOG_LEVEL: "error" },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let output = "";
  const listening = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      output += text;
      if (output.includes("Rate an instrument")) listening.resolve();
    }
    listening.reject(new Error(`The process ended early:\n${output}`));
  })();
  await listening.promise;
  const text = await Deno.readTextFile(`${folder}/.data/sandbox.json`);
  let ended = false;
  const stop = async (signal: Deno.Signal) => {
    child.kill(signal);
    const { code } = await child.status;
    ended = true;
    await reading;
    return code;
  };
  return {
    sandbox: JSON.parse(text),
    output: () => output,
    stop,
    [Symbol.asyncDispose]: async () => {
      if (!ended) await stop("SIGKILL");
    },
  };
}

Deno.test("one command starts a sandbox whose printed call works, and a restart keeps it all", async () => {
  const folder = await Deno.makeTempDir();
  try {
    let key = "";
    {
      await using app = await start(folder);
      const { baseUrl, tenants, operator } = app.sandbox;
      const [tenant] = tenants;
      assert(tenant !== undefined && tenants.length === 2);
      key = tenant.apiKey;
      assertMatch(app.output(), new RegExp(`Bearer ${key}`));
      assertEquals((await Deno.stat(`${folder}/.data/sandbox.json`)).mode! & 0o777, 0o600);

      const rated = await rate(baseUrl, key);
      assertEquals(rated.status, 200);
      assertEquals(rated.headers.get("clawmeter-units"), "1");
      assert(Number(rated.headers.get("clawmeter-cost")) >= 0);
      assertEquals((await rated.json()).risk_score.status, "ok");

      const flushed = await fetch(`${baseUrl}/internal/flush`, {
        method: "POST",
        headers: { authorization: `Bearer ${operator.token}` },
      });
      assertEquals((await flushed.json()).ok, true);
      const headers = { authorization: `Bearer ${key}` };
      const now = await (await fetch(`${baseUrl}/v1/usage`, { headers })).json();
      // The period so far may have begun just now: the days before it are asked for as well.
      const from = new Date(Date.parse(now.as_of) - HISTORY_MS).toISOString();
      const usage = await fetch(`${baseUrl}/v1/usage?granularity=hour&from=${from}`, { headers });
      const { totals } = await usage.json();
      assert(totals.risk_score > 1_000, "days of history are there");
      for (
        const path of ["/", "/docs", "/healthz", "/readyz", "/openapi.json", "/portal/sign-in"]
      ) {
        const page = await fetch(baseUrl + path);
        await page.body?.cancel();
        assertEquals(page.status, 200, path);
      }
      assertEquals(await app.stop("SIGTERM"), 0);
    }
    {
      await using again = await start(folder);
      assertEquals(again.sandbox.tenants[0]?.apiKey, key);
      const rated = await rate(again.sandbox.baseUrl, key);
      await rated.body?.cancel();
      assertEquals(rated.status, 200);
      assertEquals(await again.stop("SIGINT"), 0);
    }
    await assertBooksAgree(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a bad environment stops the start with every problem named", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "main.ts"],
    cwd: ROOT,
    env: { PORT: "0.5", WINDOW_SECONDS: "7", METERING_DURABILITY: "maybe" },
  }).output();
  const text = new TextDecoder().decode(stderr);
  assertEquals(code, 1);
  for (const name of ["PORT", "WINDOW_SECONDS", "METERING_DURABILITY"]) {
    assertMatch(text, new RegExp(name));
  }
});

Deno.test("--help lists the variables and starts nothing", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "main.ts", "--help"],
    cwd: ROOT,
  }).output();
  assertEquals(code, 0);
  assertMatch(new TextDecoder().decode(stdout), /STRIPE_SECRET_KEY/);
});

function rate(baseUrl: string, key: string): Promise<Response> {
  return fetch(`${baseUrl}/v1/ratings`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ instrument: "US0378331005", include: ["risk_score"] }),
  });
}

/** The command that operators run: it exits 1 when a unit is missing anywhere. */
async function assertBooksAgree(folder: string): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tools/books.ts"],
    cwd: ROOT,
    env: { KV_URL: `${folder}/.data/clawmeter.db` },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
}
