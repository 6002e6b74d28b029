/** `deno task sim` as people run it: what it prints, writes and exits with. */
import { assert, assertEquals } from "@std/assert";
import { progressText } from "./progress.ts";
import { readRunFile } from "./run_file.ts";
import { runMany } from "./run_many.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("a run that goes on from another one ends where one run ends", async () => {
  const whole = await runMany({ fromSeed: 1, schedules: 70, workers: 2 });
  let stopped = false;
  const first = await runMany({
    fromSeed: 1,
    schedules: 70,
    workers: 1,
    isStopped: () => stopped,
    onProgress: () => stopped = true,
  });
  assertEquals(first.spans, [[1, 51]]);
  const rest = await runMany({ fromSeed: 1, schedules: 70, workers: 2, played: first });
  assertEquals(rest, whole);
  assertEquals(rest.spans, [[1, 71]]);
});

Deno.test("a run writes what it played, and a longer one can go on only with the same code and seeds", async () => {
  const folder = await Deno.makeTempDir();
  const result = `${folder}/sub/run.json`;
  const common = ["--seed", "7", "--workers", "1", "--result", result];
  const { code, out, err } = await sim("--schedules", "30", ...common);
  assertEquals(code, 0, out + err);
  assert(out.includes("schedules          30") && out.includes(result), out);
  assert(err.includes("30/30") && err.includes("violations 0"), err);
  const file = await readRunFile(result);
  assertEquals([file?.tally.schedules, file?.fromSeed, file?.spans], [30, 7, [[7, 37]]]);
  assert((file?.tally.totals.unitsBilled ?? 0n) > 0n);
  assertEquals((await sim("--schedules", "30", ...common, "--resume")).code, 0);
  assertEquals((await readRunFile(result))?.tally.schedules, 30, "nothing is played twice");
  assertEquals((await sim("--schedules", "31", ...common, "--resume")).code, 2);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a violation exits with 1 and prints the line that plays it again", async () => {
  const folder = await Deno.makeTempDir();
  const ablate = ["--ablate", "stable_identifier"];
  const wanted = ["--schedules", "20", "--workers", "1", "--result", `${folder}/run.json`];
  const { code, out } = await sim(...wanted, ...ablate);
  assertEquals(code, 1, out);
  const [, line = ""] = out.match(/replay: deno task sim (.*)/) ?? [];
  const replayed = await sim(...line.split(" "));
  assertEquals(replayed.code, 1, replayed.out);
  assert(replayed.out.includes("units are due"), replayed.out.slice(-500));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("wrong arguments exit with 2 and the help", async () => {
  for (const args of [["--schedules", "0"], ["--seed", "x"], ["--ablate", "no"], ["--what"]]) {
    const { code, out } = await sim(...args);
    assertEquals([code, out.includes("deno task sim [options]")], [2, true]);
  }
});

Deno.test("progress says how far, how fast and how long it will take", () => {
  const text = progressText({ schedules: 250_000, failed: 0 }, {
    schedules: 1_000_000,
    doneBefore: 100_000,
    passedMs: 1_000_000,
  });
  assertEquals(
    text,
    "[########----------------------] 250,000/1,000,000  150/s  1 h 23 min left  violations 0",
  );
});

async function sim(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tools/sim.ts", ...args],
    cwd: ROOT,
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}
