/** A form acts once, however often and wherever it is sent; over a real database in memory. */
import { assertEquals, assertRejects } from "@std/assert";
import { createSubmissionStore } from "@/lib/kv/submission_store.ts";
import { Submissions } from "@/lib/portal/submissions.ts";
import { FixedClock } from "../support/fixed_effects.ts";

const ID = { tenantId: "ten_a", hash: "a".repeat(64) };

async function world() {
  const kv = await Deno.openKv(":memory:");
  const clock = new FixedClock(Date.UTC(2026, 10, 26));
  const due: (() => void)[] = [];
  const scheduler = {
    after: (_delayMs: number, task: () => void) => {
      due.push(task);
      return () => {};
    },
  };
  const store = createSubmissionStore(kv);
  const instance = () => new Submissions<string>({ store, clock, scheduler });
  let acts = 0;
  return {
    clock,
    instance,
    passMinute: () => {
      clock.advance(60_001);
      for (const task of due.splice(0)) task();
    },
    acts: () => acts,
    act: (wasDone = true) => () => {
      acts += 1;
      return Promise.resolve({ answer: `secret ${acts}`, wasDone });
    },
    [Symbol.dispose]: () => kv.close(),
  };
}

Deno.test("clicks that come together act once and all get the one answer", async () => {
  using forms = await world();
  const submissions = forms.instance();
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => submissions.submit(ID, forms.act())),
  );
  assertEquals(answers, Array.from({ length: 5 }, () => "secret 1"));
  assertEquals(forms.acts(), 1);
});

Deno.test("a repetition after a minute, or on another instance, is told that it was done", async () => {
  using forms = await world();
  const submissions = forms.instance();
  assertEquals(await submissions.submit(ID, forms.act()), "secret 1");
  assertEquals(await forms.instance().submit(ID, forms.act()), null);
  assertEquals(submissions.keptCount, 1);
  forms.passMinute();
  assertEquals(submissions.keptCount, 0, "a secret stays no longer");
  assertEquals(await submissions.submit(ID, forms.act()), null);
  assertEquals(forms.acts(), 1);
});

Deno.test("what did nothing may be sent again, by as many as clicked", async () => {
  using forms = await world();
  const submissions = forms.instance();
  const refused = await Promise.all(
    [1, 2, 3].map(() => submissions.submit(ID, forms.act(false))),
  );
  assertEquals(refused.includes(null), false);
  assertEquals(await submissions.submit(ID, forms.act()), "secret 4");
  assertEquals(await submissions.submit(ID, forms.act()), "secret 4");
});

Deno.test("an act that fails leaves nothing claimed", async () => {
  using forms = await world();
  const submissions = forms.instance();
  await assertRejects(() => submissions.submit(ID, () => Promise.reject(new Error("down"))));
  assertEquals(await submissions.submit(ID, forms.act()), "secret 1");
});

Deno.test("another tenant's form with the same hash is another form", async () => {
  using forms = await world();
  await forms.instance().submit(ID, forms.act());
  const other = { ...ID, tenantId: "ten_b" };
  assertEquals(await forms.instance().submit(other, forms.act()), "secret 2");
});
