import { openStripeWorld } from "./stripe_world.ts";
const w = await openStripeWorld({ http: false });
await w.provider.ensureMeter({ eventName: "risk_score", displayName: "x" });
const cs: string[] = [];
for (let i = 0; i < 20; i++) cs.push(await w.customer("t" + i));
for (let r = 0; r < 4; r++) {
  const events = Array.from(
    { length: 3000 },
    (_, i) => ({
      identifier: r + "m" + i,
      eventName: "risk_score",
      stripeCustomerId: cs[i % 20] ?? "",
      units: 1n,
      timestampMs: w.clock.nowMs() - 60000 * Math.floor(i / 20),
      attempt: 1,
    }),
  );
  const t = performance.now();
  await w.provider.sendMeterEvents(events);
  console.log(Math.round(3000 / (performance.now() - t) * 1000), "events/s");
}
// direct handler
const t = performance.now();
for (let i = 0; i < 3000; i++) {
  const r = await w.simulator.fetch("http://x/v1/billing/meter_events", {
    method: "POST",
    headers: { authorization: "Bearer sk_test_simulated", "idempotency-key": "k" + i },
    body: `event_name=risk_score&identifier=z${i}&payload[stripe_customer_id]=${
      cs[i % 20]
    }&payload[value]=1`,
  });
  await r.text();
}
console.log("direct", Math.round(3000 / (performance.now() - t) * 1000), "events/s");
