import { assert, assertEquals, assertFalse } from "@std/assert";
import { parseAlertSettings, readAlerts } from "@/lib/portal/alert_form.ts";
import { parseBudget, readBudget } from "@/lib/portal/budget_form.ts";
import { fieldErrors } from "@/lib/portal/form_errors.ts";
import { faultWords } from "@/lib/portal/fault_words.ts";
import { flashOf, isBadFlash, parseFlash } from "@/lib/portal/flashes.ts";
import { invitationMail } from "@/lib/portal/invitation_mail.ts";
import { keyModeOf, newKeyOf, readKeyDraft } from "@/lib/portal/key_form.ts";
import { keyState } from "@/lib/portal/load_keys.ts";
import { deviceWords } from "@/lib/portal/load_members.ts";
import { healthOf } from "@/lib/portal/load_overview.ts";
import { newestPublished } from "@/lib/portal/load_plan.ts";
import { readSettings, settingsOf } from "@/lib/portal/settings_form.ts";
import { sayIn } from "@/lib/i18n/portal/messages.ts";
import { HOSTILE_NAMES } from "../support/hostile_names.ts";

const DAY = 86_400_000;

Deno.test("a budget is money above zero, or nothing at all", () => {
  const read = (amount: string, stop?: string) =>
    parseBudget(
      readBudget(new URLSearchParams({ amount, ...(stop === undefined ? {} : { stop }) })),
      "usd",
    );
  assertEquals(read(""), { ok: true, value: null });
  assertEquals(read("12.50", "1"), {
    ok: true,
    value: { amount: 1_250n * 10n ** 12n, stop: true },
  });
  for (const wrong of ["0", "-5", "1e3", "12,50", "1.1234567890123", "∞"]) {
    const parsed = read(wrong);
    assertFalse(parsed.ok, wrong);
    if (!parsed.ok) assert(fieldErrors(parsed.error)["amount"] !== undefined, wrong);
  }
});

Deno.test("alert settings keep the secret of an unchanged webhook and make one for a new one", () => {
  const known = {
    tenantId: "t",
    emails: [],
    webhookUrl: "https://a.example/x",
    webhookSecret: "old",
  };
  const read = (webhook_url: string, emails = "") =>
    parseAlertSettings(readAlerts(new URLSearchParams({ webhook_url, emails })), {
      tenantId: "t",
      known,
      newSecret: () => "new",
    });
  const secretOf = (url: string) => {
    const parsed = read(url);
    return parsed.ok ? parsed.value.webhookSecret : parsed.error.code;
  };
  assertEquals(secretOf("https://a.example/x"), "old");
  assertEquals(secretOf("https://b.example/x"), "new");
  assertEquals(secretOf(""), null);
  assertEquals(secretOf("http://b.example/x"), "invalid_alerts");
  assertEquals(secretOf("https://user:pass@b.example/x"), "invalid_alerts");
  assertEquals(secretOf("https://localhost/x"), "invalid_alerts");
  assertEquals(secretOf("https://169.254.169.254/x"), "invalid_alerts");
  const mails = read("", "a@x.example, b@x.example;c@x.example");
  assertEquals(mails.ok && mails.value.emails.length, 3);
  for (const wrong of ["nobody", "a@b", "a@x.example\r\nBcc: c@x.example@", "<a@x.example>"]) {
    assertFalse(read("", wrong).ok, wrong);
  }
});

Deno.test("a key form says which scopes, addresses and days were asked for", () => {
  const form = new URLSearchParams([
    ["name", "Batch"],
    ["scopes", "ratings:read"],
    ["scopes", "usage:read"],
    ["ips", "203.0.113.0/24\r\n198.51.100.7"],
    ["expiry", "30"],
  ]);
  const key = newKeyOf(readKeyDraft(form), {
    tenantId: "t",
    mode: keyModeOf("simulator"),
    nowMs: 0,
  });
  assertEquals(key.scopes, ["ratings:read", "usage:read"]);
  assertEquals(key.ipAllowList, ["203.0.113.0/24", "198.51.100.7"]);
  assertEquals([key.mode, key.expiresAtMs], ["test", 30 * DAY]);
});

Deno.test("a key's state follows from its times", () => {
  const state = (revokedAtMs: number | null, expiresAtMs: number | null) =>
    keyState({ revokedAtMs, expiresAtMs }, 10 * DAY);
  assertEquals(state(null, null), "active");
  assertEquals(state(null, 12 * DAY), "expiring");
  assertEquals(state(null, 9 * DAY), "expired");
  assertEquals(state(9 * DAY, null), "revoked");
  assertEquals(state(11 * DAY, null), "expiring");
});

Deno.test("settings are read as typed; an empty logo is none", () => {
  const draft = readSettings(new URLSearchParams({ display_name: " N ", color: "#112233" }));
  assertEquals(settingsOf(draft).branding, { displayName: "N", logoUrl: null, color: "#112233" });
});

Deno.test("only known words are flashed, so no link can plant a text", () => {
  assertEquals(parseFlash("key_revoked"), "key_revoked");
  assertEquals(parseFlash("<script>"), null);
  assertEquals(parseFlash("constructor"), null);
  assertEquals(parseFlash(null), null);
});

Deno.test("a word about an action is in the reader's language and says whether it was done", () => {
  assertEquals(flashOf("budget_saved", "de-DE"), {
    tone: "good",
    text: "Das Budget ist gespeichert.",
  });
  assertEquals([isBadFlash("budget_saved"), isBadFlash("conflict")], [false, true]);
});

Deno.test("a refused form says what is wrong in the reader's language, never in the API's words", () => {
  const say = sayIn("de");
  const refusal = { code: "invalid_branding", detail: "API words", pointer: "/branding/color" };
  assertEquals(faultWords(refusal, say), say("fault_color"));
  assertEquals(faultWords({ code: "member_exists", detail: "" }, say), say("fault_member_exists"));
  assertEquals(faultWords({ code: "of_tomorrow", detail: "API words" }, say), say("fault_other"));
  assertEquals(fieldErrors(refusal, (part) => faultWords(part, say)), {
    color: say("fault_color"),
  });
});

Deno.test("a hostile name starts no line of an invitation", () => {
  for (const name of HOSTILE_NAMES) {
    const { text } = invitationMail({
      invitation: {
        invitationId: "inv_1",
        tenantId: "t",
        email: "a@x.example",
        role: "viewer",
        invitedBy: "m",
        secretHash: "",
        createdAtMs: 0,
        expiresAtMs: 1,
      },
      secret: "s",
      tenantName: name,
      invitedBy: name,
      baseUrl: "http://x",
      locale: "en",
    });
    assertEquals(text.split("\n").length, 6, JSON.stringify(name));
    assertFalse(text.includes("\r"));
  }
});

Deno.test("devices are told apart by browser and system, and nonsense is unknown", () => {
  assertEquals(
    deviceWords("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    "Firefox on Linux",
  );
  assertEquals(deviceWords("<script>"), "Unknown device");
  assertEquals(deviceWords(null), "Unknown device");
});

Deno.test("health tells our failures from refusals and from silence", () => {
  const count = (status: number, calls: number) => ({
    tenantId: "t",
    hourStartMs: 0,
    status,
    calls,
  });
  assertEquals(healthOf([]).state, "silent");
  assertEquals(healthOf([count(200, 100)]).state, "serving");
  assertEquals(healthOf([count(200, 90), count(429, 10)]).state, "some_refused");
  assertEquals(healthOf([count(200, 90), count(503, 10)]).state, "failing");
});

Deno.test("the public list has the newest published version of each plan, cheapest first", () => {
  const plan = (planId: string, revision: number, status: "draft" | "published", fee: bigint) => ({
    planId,
    revision,
    planRevision: `${planId}@${revision}`,
    name: planId,
    description: "",
    currency: "usd",
    interval: "month" as const,
    baseFee: fee,
    minimumCommitment: 0n,
    meters: [],
    features: [],
    limits: { requestsPerSecond: 1, burst: 1 },
    graceDays: 0,
    status,
    createdAtMs: 0,
  });
  const listed = newestPublished([
    plan("b", 1, "published", 5n),
    plan("b", 2, "published", 6n),
    plan("b", 3, "draft", 1n),
    plan("a", 1, "published", 9n),
  ]);
  assertEquals(listed.map(({ planRevision }) => planRevision), ["b@2", "a@1"]);
});
