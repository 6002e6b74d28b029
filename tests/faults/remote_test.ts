/**
 * The same promises on a remote store whose replies are lost on half of all commits, so that its
 * client repeats them. Needs a `denokv` binary (tools/install_denokv.sh); ignored without one.
 */
import { assert, assertEquals } from "@std/assert";
import { startKvConnectProxy } from "../support/kv_connect_proxy.ts";
import { Random } from "../support/random.ts";
import { findDenoKv, startDenoKv } from "../support/denokv.ts";
import { runOnRemote } from "./remote_run.ts";
import { reportText } from "./report_text.ts";

const DROP_RATE = 0.5;
const KILLS = 6;
const LEAST_MS = 15_000;
const CONTROL_SUMS = 40;

const binary = await findDenoKv();
const ignore = binary === null;

Deno.test({
  name: "two processes on a remote store that loses half of its replies keep the books exact",
  ignore,
  fn: async () => {
    const report = await runOnRemote({
      binary: binary ?? "",
      seed: 2,
      kills: KILLS,
      leastMs: LEAST_MS,
    });
    const { commits, repliesDropped } = report;
    const text = reportText(report);
    console.info(text);
    assertEquals(report.violations, [], text);
    assert(repliesDropped > commits / 3, text);
    assert(report.unitsAcknowledged > 0n, text);
    assertEquals(report.unitsSent, report.unitsBilled);
  },
});

Deno.test({
  name: "a bare sum on the same store counts too much, so the loss of replies does harm",
  ignore,
  fn: async () => {
    await using server = await startDenoKv(binary ?? "");
    await using proxy = startKvConnectProxy({
      target: server.url,
      random: new Random(3),
      dropRate: DROP_RATE,
    });
    using kv = await Deno.openKv(proxy.url);
    for (let count = 0; count < CONTROL_SUMS; count++) {
      assert((await kv.atomic().sum(["control"], 1n).commit()).ok);
    }
    const counted = (await kv.get<Deno.KvU64>(["control"])).value?.value ?? 0n;
    console.info(`control: ${CONTROL_SUMS} acknowledged sums were counted as ${counted}`);
    assert(counted > BigInt(CONTROL_SUMS), `${counted} counted`);
  },
});
