import { assert, assertEquals } from "@std/assert";
import { createPasskeys } from "@/lib/auth/passkeys.ts";
import { createKvOneTimeStore, createKvPasskeyStore } from "@/lib/kv/session_store.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";
import { MemoryKv } from "@/tests/support/memory_kv.ts";
import {
  type CeremonyChange,
  createSoftAuthenticator,
  type SoftAuthenticator,
} from "@/tests/support/soft_authenticator.ts";

const ORIGIN = "https://meter.example.com";
const OPERATOR = { operatorId: "op_ada", name: "Ada" };

async function open() {
  const kv = new MemoryKv();
  const clock = new FixedClock();
  const store = createKvPasskeyStore(kv);
  const passkeys = createPasskeys({
    store,
    oneTime: createKvOneTimeStore(kv, () => clock.nowMs()),
    clock,
    origin: ORIGIN,
  });
  const device = await createSoftAuthenticator({ origin: ORIGIN, rpId: "meter.example.com" });
  return { clock, store, passkeys, device };
}

type World = Awaited<ReturnType<typeof open>>;

async function register({ passkeys }: World, device: SoftAuthenticator, change = {}) {
  const { challenge } = await passkeys.beginRegistration(OPERATOR);
  return await passkeys.finishRegistration(await device.register(challenge, change), OPERATOR);
}

async function signIn(
  { passkeys }: World,
  device: SoftAuthenticator,
  change: Partial<CeremonyChange> = {},
): Promise<string> {
  const { challenge } = await passkeys.beginSignIn();
  const result = await passkeys.finishSignIn(await device.signIn(challenge, change));
  return result.ok ? result.value.operatorId : result.error.code;
}

Deno.test("an operator's passkey is registered and then signs in", async () => {
  const world = await open();
  const registered = await register(world, world.device);
  assert(registered.ok);
  assertEquals(registered.value.credentialId, world.device.credentialId);
  assertEquals(await signIn(world, world.device), "op_ada");
  assertEquals(await signIn(world, world.device), "op_ada");
  assertEquals((await world.store.passkeys())[0]?.lastUsedAtMs, world.clock.nowMs());
});

Deno.test("a passkey that was never registered opens nothing", async () => {
  const world = await open();
  assertEquals(await signIn(world, world.device), "passkey_invalid");
});

Deno.test("another site, another host or an unverified person is refused", async () => {
  const world = await open();
  const wrong: Partial<CeremonyChange>[] = [
    { origin: "https://evil.com" },
    { origin: "http://meter.example.com" },
    { rpId: "evil.com" },
    { verified: false },
  ];
  for (const change of wrong) {
    assertEquals((await register(world, world.device, change)).ok, false, JSON.stringify(change));
  }
  assert((await register(world, world.device)).ok);
  for (const change of wrong) {
    assertEquals(
      await signIn(world, world.device, change),
      "passkey_invalid",
      JSON.stringify(change),
    );
  }
});

Deno.test("a challenge is ours, young, for one purpose and used once", async () => {
  const world = await open();
  const { passkeys, device, clock } = world;
  assert((await register(world, device)).ok);
  const answer = async (challenge: string) => {
    const result = await passkeys.finishSignIn(await device.signIn(challenge));
    return result.ok ? "ok" : result.error.code;
  };
  const { challenge } = await passkeys.beginSignIn();
  const uses = await Promise.all([answer(challenge), answer(challenge), answer(challenge)]);
  assertEquals(uses.filter((use) => use === "ok").length, 1);
  assertEquals(await answer("bWFkZS11cA"), "passkey_invalid");
  const registration = await passkeys.beginRegistration(OPERATOR);
  assertEquals(await answer(registration.challenge), "passkey_invalid");
  const late = await passkeys.beginSignIn();
  clock.advance(5 * 60_000);
  assertEquals(await answer(late.challenge), "passkey_invalid");
});

Deno.test("a counter that does not rise gives away a copied key", async () => {
  const world = await open();
  assert((await register(world, world.device, { counter: 5 })).ok);
  assertEquals(await signIn(world, world.device, { counter: 6 }), "op_ada");
  assertEquals(await signIn(world, world.device, { counter: 6 }), "passkey_invalid");
  assertEquals(await signIn(world, world.device, { counter: 3 }), "passkey_invalid");
  assertEquals(await signIn(world, world.device, { counter: 7 }), "op_ada");
});

Deno.test("one device can't be registered over another operator's key", async () => {
  const world = await open();
  assert((await register(world, world.device)).ok);
  const other = { operatorId: "op_eve", name: "Eve" };
  const { challenge } = await world.passkeys.beginRegistration(other);
  const taken = await world.passkeys.finishRegistration(
    await world.device.register(challenge),
    other,
  );
  assertEquals(taken.ok, false);
  assertEquals(await signIn(world, world.device), "op_ada");
});
