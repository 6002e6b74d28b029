/** Invitations are no way to fill a stranger's mailbox. */
import { assertEquals } from "@std/assert";
import { createAttempts } from "@/lib/auth/attempts.ts";
import { createKvAttemptStore } from "@/lib/kv/session_store.ts";
import { mayInvite } from "@/lib/portal/may_invite.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";
import { MemoryKv } from "@/tests/support/memory_kv.ts";

function open() {
  const clock = new FixedClock();
  const attempts = createAttempts({ store: createKvAttemptStore(new MemoryKv()), clock });
  const invite = async (tenantId: string, email: string) => {
    const allowed = await mayInvite(attempts, { tenantId, email });
    return allowed.ok ? "sent" : allowed.error.code;
  };
  return { clock, invite };
}

Deno.test("one address gets five invitations in a quarter of an hour, whoever sends them", async () => {
  const { clock, invite } = open();
  for (const tenantId of ["ten_a", "ten_b", "ten_c", "ten_d", "ten_e"]) {
    assertEquals(await invite(tenantId, "ada@example.com"), "sent");
  }
  assertEquals(await invite("ten_a", " Ada@Example.com "), "rate_limited", "in any spelling");
  assertEquals(await invite("ten_a", "eve@example.com"), "sent");
  clock.advance(15 * 60_000);
  assertEquals(await invite("ten_a", "ada@example.com"), "sent");
});

Deno.test("one tenant sends fifty invitations in a quarter of an hour, and others go on", async () => {
  const { invite } = open();
  for (let at = 0; at < 50; at++) assertEquals(await invite("ten_a", `p${at}@example.com`), "sent");
  assertEquals(await invite("ten_a", "late@example.com"), "rate_limited");
  assertEquals(await invite("ten_b", "late@example.com"), "sent");
});
