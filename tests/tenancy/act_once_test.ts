/** One act per Idempotency-Key, whatever happens to the commits around it. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createActClaimStore } from "@/lib/kv/act_claim_store.ts";
import { replyKey } from "@/lib/kv/keys.ts";
import { createIdempotencyStore } from "@/lib/kv/idempotency_store.ts";
import { Idempotency } from "@/lib/metering/idempotency.ts";
import { createIds } from "@/lib/platform/ids.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import type { StoredReply } from "@/lib/ports/usage.ts";
import { ActOnce, CLAIM_LEASE_MS } from "@/lib/tenancy/act_once.ts";
import { openText, sealText } from "@/lib/tenancy/sealed_text.ts";
import { FixedClock, MemoryLogger } from "@/tests/support/fixed_effects.ts";
import { ManualScheduler } from "@/tests/support/metering_world.ts";
import { type CommitFault, ScriptedKv } from "@/tests/support/scripted_kv.ts";

const REQUEST = { operatorId: "operator", idempotencyKey: "key", requestHash: "hash" };

async function open() {
  const kv = new ScriptedKv(await Deno.openKv(":memory:"));
  const clock = new FixedClock();
  const scheduler = new ManualScheduler(clock);
  /** An instance of its own on the same database. */
  const instance = () =>
    new ActOnce({
      idempotency: new Idempotency({ store: createIdempotencyStore({ kv }), clock }),
      claims: createActClaimStore({ kv, owner: OPERATOR_CHAIN }),
      clock,
      ids: createIds(clock),
      scheduler,
      logger: new MemoryLogger(),
      operatorToken: "the-operator-token-of-this-test",
    });
  return { kv, clock, scheduler, instance };
}

const FAULTS = ["drop_before", "drop_after", "repeat", "late"] as const;

for (const fault of FAULTS) {
  for (const [position, commit] of ["claim", "answer"].entries()) {
    Deno.test(`an act whose ${commit} meets ${fault} is answered with what its first attempt made`, async () => {
      const { kv, clock, instance } = await open();
      kv.script(...Array.from({ length: position }, () => "pass" as const), fault);
      const made: string[] = [];
      let reply: string | null = null;
      for (let attempt = 0; attempt < 6 && reply === null; attempt++) {
        reply = await attemptOn(instance(), made);
        await kv.land();
        clock.advance(CLAIM_LEASE_MS);
      }
      assertEquals(reply, made[0]);
      assertEquals(new Set(made).size, 1, "each attempt made the same thing");
      for (let time = 0; time < 3; time++) assertEquals(await attemptOn(instance(), made), reply);
      assert(made.length <= 2);
      kv.close();
    });
  }
}

/** What the caller is answered; `null` when it has to come again. */
async function attemptOn(guard: ActOnce, made: string[]): Promise<string | null> {
  try {
    const begun = await guard.begin(REQUEST);
    if (!begun.ok) return null;
    if (begun.value.kind === "replay") return begun.value.reply.body;
    const id = begun.value.ids.next("key");
    made.push(id);
    await begun.value.answered({ status: 201, headers: [], body: id });
    return id;
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error;
    return null;
  }
}

Deno.test("no order of attempts, crashes, waits and lost commits makes two things under one key", async () => {
  const step = fc.record({
    do: fc.constantFrom("ask", "ask", "ask", "crash", "wait", "fault"),
    who: fc.nat(2),
    fault: fc.constantFrom<CommitFault[]>(...FAULTS, "pass"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
      const { kv, clock, instance } = await open();
      const instances = [instance(), instance(), instance()];
      const made: string[] = [];
      const answers = new Set<string>();
      for (const { do: action, who, fault } of steps) {
        const guard = instances[who] ?? instance();
        if (action === "wait") clock.advance(CLAIM_LEASE_MS);
        if (action === "fault") kv.script(fault);
        if (action === "ask") {
          const answer = await attemptOn(guard, made);
          if (answer !== null) answers.add(answer);
        }
        if (action === "crash") {
          // Carried out, and dead before its answer was stored.
          const begun = await guard.begin(REQUEST).catch(() => null);
          if (begun?.ok === true && begun.value.kind === "carry_out") {
            made.push(begun.value.ids.next("key"));
          }
          instances[who] = instance();
        }
        await kv.land();
      }
      assert(new Set(made).size <= 1, `made ${made}`);
      assert(answers.size <= 1, `answered ${[...answers]}`);
      kv.close();
    }),
    { numRuns: 120, seed: 5 },
  );
});

Deno.test("sealed text opens with all of its secrets, for its purpose and undamaged, or not at all", () => {
  const ids = createIds(new FixedClock());
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), fc.nat(), (text, at) => {
      const whole = new TextDecoder().decode(new TextEncoder().encode(text));
      const terms = { secrets: ["token", "key"], purpose: "hash" };
      const sealed = sealText(text, terms, ids);
      assertEquals(openText(sealed, terms), whole);
      assertEquals(openText(sealed, { ...terms, purpose: "other" }), null);
      assertEquals(openText(sealed, { ...terms, secrets: ["token", "yek"] }), null);
      assertEquals(openText(sealed, { ...terms, secrets: ["token"] }), null);
      const bytes = Uint8Array.fromBase64(sealed);
      const place = at % bytes.length;
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      assertEquals(openText(bytes.toBase64(), terms), null);
      assertEquals(openText(sealed.slice(0, 8), terms), null);
    }),
    { numRuns: 20, seed: 3 },
  );
});

Deno.test("while an attempt lives nobody else carries the act out, however long it takes", async () => {
  const { kv, clock, scheduler, instance } = await open();
  const first = await instance().begin(REQUEST);
  assert(first.ok && first.value.kind === "carry_out");
  const code = async (request = REQUEST) => {
    const begun = await instance().begin(request);
    return begun.ok ? begun.value.kind : begun.error.code;
  };
  for (let time = 0; time < 6; time++) {
    const before = kv.commits;
    clock.advance(10_000);
    scheduler.runDue();
    for (let turn = 0; turn < 1_000 && kv.commits === before; turn++) {
      await new Promise((resolve) => setTimeout(resolve));
    }
    assertEquals(await code(), "idempotency_in_progress", `${time}`);
  }
  assertEquals(await code({ ...REQUEST, requestHash: "other" }), "idempotency_key_reused");
  const id = first.value.ids.next("key");
  await first.value.answered({ status: 201, headers: [], body: id });
  assertEquals(await attemptOn(instance(), []), id);
  kv.close();
});

const CLAIM = {
  address: "a",
  requestHash: "hash",
  untilMs: CLAIM_LEASE_MS,
  firstAtMs: 0,
  salt: new Uint8Array(32),
  expiresAtMs: 86_400_000,
};
const AT = { nowMs: 0, replaces: null };

function replyOf(body: string): StoredReply {
  const address = { tenantId: OPERATOR_CHAIN, idempotencyKey: CLAIM.address };
  const { requestHash, expiresAtMs } = CLAIM;
  return { ...address, requestHash, status: 200, headers: [], body, expiresAtMs };
}

async function openClaims() {
  const kv = new ScriptedKv(await Deno.openKv(":memory:"));
  const claims = createActClaimStore({ kv, owner: OPERATOR_CHAIN });
  const take = async (attemptId: string, nowMs = 0, requestHash = "hash") =>
    await claims.take({ ...CLAIM, requestHash, attemptId, untilMs: nowMs + CLAIM_LEASE_MS }, {
      ...AT,
      nowMs,
    });
  const stored = async () =>
    (await createIdempotencyStore({ kv }).find({
      tenantId: OPERATOR_CHAIN,
      idempotencyKey: CLAIM.address,
    }))?.value.body;
  return { kv, claims, take, stored };
}

Deno.test("an act that is answered, or is so meanwhile, is not claimed again", async () => {
  for (const when of ["before", "meanwhile"] as const) {
    const { kv, claims, take } = await openClaims();
    const first = await take("act_1");
    assert(first.kind === "taken");
    const answer = async () => assert(await claims.answer(first.claim, replyOf("one"), AT));
    if (when === "before") await answer();
    else {
      await claims.drop(first.claim);
      kv.beforeCommit = async () => {
        kv.beforeCommit = () => {};
        await kv.inner.set(replyKey(OPERATOR_CHAIN, CLAIM.address), { v: 1 });
      };
    }
    assertEquals((await take("act_2", 1)).kind, "answered", when);
    kv.close();
  }
});

Deno.test("of two attempts that claim an act at once one has it, and the other sees whose it is", async () => {
  const { kv, take } = await openClaims();
  kv.beforeCommit = async () => {
    kv.beforeCommit = () => {};
    assertEquals((await take("act_1")).kind, "taken");
  };
  const second = await take("act_2");
  assertEquals(second.kind === "standing" && second.claim?.attemptId, "act_1");
  kv.close();
});

Deno.test("an attempt that was taken for dead can't answer any more, and another request never goes on with it", async () => {
  const { kv, claims, take, stored } = await openClaims();
  const dead = await take("act_1");
  assert(dead.kind === "taken");
  const foreign = await take("act_2", CLAIM_LEASE_MS, "other");
  assertEquals(foreign.kind === "standing" && foreign.claim?.attemptId, "act_1");
  const heir = await take("act_3", CLAIM_LEASE_MS);
  assert(heir.kind === "taken");
  assertEquals(await claims.answer(dead.claim, replyOf("dead"), AT), false);
  assertEquals(await stored(), undefined);
  assertEquals(await claims.answer(heir.claim, replyOf("heir"), AT), true);
  assertEquals(await stored(), "heir");
  kv.close();
});
