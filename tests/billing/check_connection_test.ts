import { assertEquals } from "@std/assert";
import { checkConnection, type ConnectionCheck } from "@/lib/billing/check_connection.ts";
import type { ProviderProbe } from "@/lib/ports/billing_provider.ts";
import { billingWorld } from "@/tests/support/billing_world.ts";

const BASE_URL = "https://meter.example.com";
const GOOD: ProviderProbe = {
  clockAheadMs: 400,
  roundTripMs: 120,
  rights: [
    { resource: "Customers", access: "write", outcome: "granted", detail: null },
    { resource: "Events", access: "read", outcome: "granted", detail: null },
  ],
  meters: [
    { eventName: "risk_score", isActive: true, fits: true },
    { eventName: "screening", isActive: true, fits: true },
  ],
  webhooks: [
    {
      kind: "snapshot",
      url: `${BASE_URL}/webhooks/stripe`,
      isEnabled: true,
      missingEvents: [],
    },
    {
      kind: "thin",
      url: `${BASE_URL}/webhooks/stripe/thin`,
      isEnabled: true,
      missingEvents: [],
    },
  ],
};

/** What a real account with this probe is told, by check. */
async function levels(
  probe: Partial<ProviderProbe>,
  { secrets = { snapshot: 1, thin: 1 }, simulated = false } = {},
): Promise<Readonly<Record<string, ConnectionCheck["level"]>>> {
  const { deps, close } = await billingWorld();
  const provider = {
    ...deps.provider,
    mode: simulated ? "simulator" as const : "test" as const,
    probe: () => Promise.resolve({ ...GOOD, ...probe }),
  };
  const report = await checkConnection({
    ...deps,
    provider,
    secrets,
    baseUrl: BASE_URL,
    usesMeters: true,
  });
  close();
  for (const { level, todo, id } of report.checks) {
    assertEquals(todo === null, level === "ok", `${id} says what to do where there is something`);
  }
  return Object.fromEntries(
    report.checks.filter(({ level }) => level !== "ok").map(({ id, level }) => [id, level]),
  );
}

Deno.test("a connection that is all right has nothing to do", async () => {
  assertEquals(await levels({}), {});
  assertEquals(await levels({ webhooks: [] }, { simulated: true }), {}, "the simulator delivers");
});

Deno.test("a key that is refused, refused something, or not heard about is told apart", async () => {
  const all = (outcome: "refused" | "unknown") =>
    GOOD.rights.map((right) => ({ ...right, outcome, detail: "No" }));
  assertEquals(await levels({ rights: all("refused") }), { answers: "fail", rights: "fail" });
  assertEquals(await levels({ rights: all("unknown") }), { answers: "fail", rights: "warn" });
  const one = GOOD.rights.map((right, at) =>
    at === 0 ? { ...right, outcome: "refused" as const } : right
  );
  assertEquals(await levels({ rights: one }), { rights: "fail" });
  assertEquals(await levels({ roundTripMs: 2_001 }), { answers: "warn" });
});

Deno.test("a clock that is off is a warning, and a failure where signatures would be too old", async () => {
  assertEquals(await levels({ clockAheadMs: -29_999 }), {});
  assertEquals(await levels({ clockAheadMs: -30_000 }), { clock: "warn" });
  assertEquals(await levels({ clockAheadMs: 240_000 }), { clock: "fail" });
  assertEquals(await levels({ clockAheadMs: null }), { clock: "warn" });
});

Deno.test("meters that are missing will be made; ones that count otherwise need a person", async () => {
  assertEquals(await levels({ meters: [] }), { meters: "warn" });
  assertEquals(await levels({ meters: null }), { meters: "fail" });
  for (const change of [{ isActive: false }, { fits: false }]) {
    const meters = (GOOD.meters ?? []).map((meter, at) =>
      at === 0 ? { ...meter, ...change } : meter
    );
    assertEquals(await levels({ meters }), { meters: "fail" });
  }
});

Deno.test("webhooks need a secret here, and an enabled endpoint with all events there", async () => {
  const thin = (change: object) =>
    (GOOD.webhooks ?? []).map((one) => one.kind === "thin" ? { ...one, ...change } : one);
  assertEquals(await levels({}, { secrets: { snapshot: 0, thin: 1 } }), {
    webhook_snapshot: "fail",
  });
  assertEquals(await levels({ webhooks: null }), {
    webhook_snapshot: "warn",
    webhook_thin: "warn",
  });
  assertEquals(await levels({ webhooks: thin({ url: "https://elsewhere.example" }) }), {
    webhook_thin: "fail",
  });
  assertEquals(await levels({ webhooks: thin({ isEnabled: false }) }), { webhook_thin: "fail" });
  assertEquals(await levels({ webhooks: thin({ missingEvents: ["x"] }) }), {
    webhook_thin: "warn",
  });
});
