import { assertEquals } from "@std/assert";
import { createOutboxMailer } from "@/lib/platform/outbox_mailer.ts";
import { sandboxLink } from "@/lib/portal/sandbox_link.ts";
import { FixedClock } from "../support/fixed_effects.ts";

Deno.test("a kept sign-in link is shown in the sandbox and nowhere else", async () => {
  const mailer = createOutboxMailer({ clock: new FixedClock(0), show: () => {} });
  const link = "http://x/portal/sign-in/confirm?code=abc";
  await mailer.send({ to: "a@x.example", subject: "", text: `Open\n${link}\n` });
  assertEquals(sandboxLink({ mode: "simulator", mailer }, " A@x.example "), link);
  assertEquals(sandboxLink({ mode: "test", mailer }, "a@x.example"), null);
  assertEquals(sandboxLink({ mode: "live", mailer }, "a@x.example"), null);
  assertEquals(sandboxLink({ mode: "simulator", mailer }, "b@x.example"), null);
  const sending = { send: () => Promise.resolve({ kind: "sent" } as const) };
  assertEquals(sandboxLink({ mode: "simulator", mailer: sending }, "a@x.example"), null);
});
