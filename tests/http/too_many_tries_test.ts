/** Who tries to sign in too often is told when to come back, as a person and as a machine. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { FixedClock } from "@/tests/support/fixed_effects.ts";
import { visitorOf } from "@/tests/support/html_visitor.ts";
import { startWholeApp } from "@/tests/support/whole_app.ts";

/** Five minutes and ten seconds before attempts are counted anew. */
const NOW_MS = Date.UTC(2026, 4, 15, 12, 9, 50);
const LEFT = "310";

Deno.test({
  name: "a sign-in that is refused for too many tries says for how long, to portal and console",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using app = await startWholeApp({}, { clock: new FixedClock(NOW_MS) });
    const member = visitorOf(app);
    const ask = async () =>
      await member.send(await member.get("/portal/sign-in"), "/portal/sign-in", {
        email: "nobody@tn-north.example",
      });
    for (let count = 0; count < 5; count++) assertEquals((await ask()).status, 200);
    const refused = await ask();
    assertEquals([refused.status, refused.headers.get("retry-after")], [429, LEFT]);
    assertStringIncludes(refused.html, "Too many attempts; try again in 6 min");
    assertStringIncludes(refused.html, "nobody@tn-north.example", "what was typed is there still");

    const german = visitorOf(app, { acceptLanguage: "de" });
    const again = await german.send(await german.get("/portal/sign-in"), "/portal/sign-in", {
      email: "nobody@tn-north.example",
    });
    assertEquals([again.status, again.headers.get("retry-after")], [429, LEFT]);
    assertStringIncludes(again.html, "versuchen Sie es in 6 Min. noch einmal");

    const operator = visitorOf(app);
    const guess = async () =>
      await operator.send(await operator.get("/operator/sign-in"), "/operator/sign-in", {
        token: "a guess",
      });
    for (let count = 0; count < 10; count++) {
      const wrong = await guess();
      assertEquals([wrong.status, wrong.headers.get("retry-after")], [422, null]);
    }
    const waits = await guess();
    assertEquals([waits.status, waits.headers.get("retry-after")], [429, LEFT]);
    assertStringIncludes(waits.html, "Too many attempts; try again in 6 minutes");
  },
});
