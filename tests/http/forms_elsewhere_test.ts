/** Forms whose copy reaches another server, which shares nothing with the first but the database. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { createSubmissionStore } from "@/lib/kv/submission_store.ts";
import { systemScheduler } from "@/lib/platform/system_scheduler.ts";
import { Submissions } from "@/lib/portal/submissions.ts";
import type { SessionOwner } from "@/lib/ports/sessions.ts";
import { BASE_URL, startApi } from "@/tests/support/api_world.ts";

const TENANT = "tn_elsewhere";

interface Desk {
  readonly name: string;
  readonly cookie: string;
  readonly owner: (memberId: string) => SessionOwner;
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly advice: string;
}

const DESKS: readonly Desk[] = [
  {
    name: "console",
    cookie: "op",
    owner: () => ({ kind: "operator", operatorId: "operator" }),
    path: `/operator/tenants/${TENANT}/keys`,
    fields: { name: "Made once", mode: "test" },
    advice: "revokes the newest key",
  },
  {
    name: "portal",
    cookie: "sid",
    owner: (memberId) => ({ kind: "member", tenantId: TENANT, memberId }),
    path: "/portal/keys",
    fields: { name: "Made once", scopes: "usage:read", ips: "", expiry: "" },
    advice: "rotate or revoke the newest key",
  },
];

for (const { name, cookie: cookieName, owner, path, fields, advice } of DESKS) {
  Deno.test({
    name: `a key form of the ${name} that is sent twice, to two servers, makes one key, and the ` +
      "second answer says what to do without its secret",
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      let database: KvLike | null = null;
      await using world = await startApi({}, { kv: { wrap: (opened) => database = opened } });
      const { services } = world.runtime;
      await world.tenant(TENANT);
      await services.members.putMember(
        {
          tenantId: TENANT,
          memberId: "mem_elsewhere",
          email: "owner@elsewhere.example",
          name: "Owner",
          role: "owner",
          createdAtMs: services.clock.nowMs(),
          lastSignInAtMs: null,
        },
        null,
      );
      const { secret } = await services.sessions.start({
        owner: owner("mem_elsewhere"),
        method: "magic_link",
        ip: null,
        userAgent: null,
      });
      const cookie = `${cookieName}=${secret}`;
      const get = async (also = "") => {
        const page = await world.send({ path, headers: { cookie: `${cookie}; ${also}` } });
        assertEquals(page.status, 200, page.text.slice(0, 300));
        return page;
      };
      const blank = await get();
      const body = new URLSearchParams({
        ...fields,
        csrf_token: valueOf(blank.text, "csrf_token"),
        form_id: valueOf(blank.text, "form_id"),
      });
      const send = () =>
        world.send({ method: "POST", path, body, headers: { cookie, origin: BASE_URL } });
      const keys = async () =>
        (await services.tenants.apiKeys(TENANT)).filter((key) => key.name === "Made once").length;

      const first = await send();
      assertEquals(first.status, 200, first.text.slice(0, 300));
      const shown = /cm_test_[0-9A-Za-z]{36}/.exec(first.text)?.[0];
      assert(shown !== undefined, "the first answer shows the secret");
      assertEquals(/cm_test_[0-9A-Za-z]{36}/.exec((await send()).text)?.[0], shown);

      const { clock } = services;
      const store = createSubmissionStore(database ?? missing());
      const elsewhere = new Submissions({ store, clock, scheduler: systemScheduler });
      Object.assign(services.portal, { submissions: elsewhere });
      const second = await send();
      assertEquals([second.status, second.headers.get("location")], [303, path]);
      const flash = second.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
      const page = await get(flash);
      assertStringIncludes(page.text.replaceAll(/\s+/g, " "), advice);
      assert(![second.text, page.text].some((text) => text.includes(shown)));
      assertEquals(await keys(), 1);
    },
  });
}

function valueOf(html: string, name: string): string {
  const input = new RegExp(`<input[^>]*name="${name}"[^>]*>`).exec(html)?.[0] ?? missing();
  return /value="([^"]*)"/.exec(input)?.[1] ?? missing();
}

function missing(): never {
  throw new Error("The page has no such field");
}
