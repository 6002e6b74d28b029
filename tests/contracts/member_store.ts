import { assert, assertEquals } from "@std/assert";
import type { Invitation, Member, MemberStore } from "@/lib/ports/members.ts";

export interface MemberStoreFixture {
  readonly store: MemberStore;
  close(): void;
}

/** What every MemberStore must do. */
export function testMemberStore(name: string, open: () => Promise<MemberStoreFixture>): void {
  Deno.test(`${name} finds a member by id, by tenant and by address`, async () => {
    const { store, close } = await open();
    const ada = sampleMember();
    const elsewhere = sampleMember({ tenantId: "ten_b", memberId: "mem_2" });
    assertEquals(await store.putMember(ada, null), { ok: true });
    assertEquals(await store.putMember(elsewhere, null), { ok: true });
    assertEquals((await store.member("ten_a", "mem_1"))?.value, ada);
    assertEquals(await store.member("ten_b", "mem_1"), null);
    assertEquals(await store.members("ten_a"), [ada]);
    assertEquals(await store.memberships(ada.email), [ada, elsewhere]);
    assertEquals(await store.memberships("ada@example"), []);
    close();
  });

  Deno.test(`${name} lets an address be a member of a tenant once`, async () => {
    const { store, close } = await open();
    const twins = ["mem_1", "mem_2", "mem_3"].map((memberId) => sampleMember({ memberId }));
    const outcomes = await Promise.all(twins.map((twin) => store.putMember(twin, null)));
    assertEquals(outcomes.filter(({ ok }) => ok).length, 1);
    assertEquals((await store.members("ten_a")).length, 1);
    close();
  });

  Deno.test(`${name} refuses a stale write, and one that rests on a changed member`, async () => {
    const { store, close } = await open();
    await store.putMember(sampleMember(), null);
    await store.putMember(sampleMember({ memberId: "mem_2", email: "bob@example.com" }), null);
    const ada = await store.member("ten_a", "mem_1");
    const bob = await store.member("ten_a", "mem_2");
    assert(ada !== null && bob !== null);
    await store.putMember({ ...bob.value, role: "viewer" }, bob.versionstamp);
    const resting = { unchanged: bob };
    assertEquals((await store.putMember(ada.value, ada.versionstamp, resting)).ok, false);
    assertEquals((await store.removeMember(ada, resting)).ok, false);
    assertEquals((await store.removeMember(bob)).ok, false);
    assertEquals((await store.removeMember(ada)).ok, true);
    assertEquals(await store.memberships("ada@example.com"), []);
    assertEquals((await store.putMember(sampleMember({ memberId: "mem_9" }), null)).ok, true);
    close();
  });

  Deno.test(`${name} ends an invitation together with the member it makes, or not at all`, async () => {
    const { store, close } = await open();
    const invitation = sampleInvitation();
    assertEquals((await store.putInvitation(invitation)).ok, true);
    assertEquals((await store.putInvitation(invitation)).ok, false);
    const found = await store.invitation("ten_a", "inv_1");
    assert(found !== null);
    assertEquals(await store.invitation("ten_b", "inv_1"), null);
    const member = sampleMember();
    const uses = await Promise.all(
      [1, 2, 3].map((index) =>
        store.endInvitation(found, { member: { ...member, memberId: `mem_${index}` } })
      ),
    );
    assertEquals(uses.filter(({ ok }) => ok).length, 1);
    assertEquals(await store.invitations("ten_a"), []);
    assertEquals((await store.members("ten_a")).length, 1);
    close();
  });
}

function sampleMember(change: Partial<Member> = {}): Member {
  return {
    memberId: "mem_1",
    tenantId: "ten_a",
    email: "ada@example.com",
    name: "Ada",
    role: "owner",
    createdAtMs: 0,
    lastSignInAtMs: null,
    ...change,
  };
}

function sampleInvitation(): Invitation {
  return {
    invitationId: "inv_1",
    tenantId: "ten_a",
    email: "ada@example.com",
    role: "admin",
    invitedBy: "mem_0",
    secretHash: "h",
    createdAtMs: 0,
    expiresAtMs: 1,
  };
}
