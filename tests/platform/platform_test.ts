/** Ids, logs, metrics and mail. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createIds } from "@/lib/platform/ids.ts";
import { createJsonLogger } from "@/lib/platform/json_logger.ts";
import { Metrics } from "@/lib/platform/metrics.ts";
import { createOutboxMailer } from "@/lib/platform/outbox_mailer.ts";
import { outboundHttp } from "@/lib/platform/outbound_http.ts";
import { redactText } from "@/lib/platform/redact.ts";
import { createSmtpMailer } from "@/lib/platform/smtp_mailer.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";

Deno.test("ids sort by time, never repeat and are drawn from all letters", () => {
  const clock = new FixedClock();
  const ids = createIds(clock);
  const seen: string[] = [];
  for (let moment = 0; moment < 100; moment++) {
    seen.push(ids.next("req"));
    clock.advance(1);
  }
  assertEquals([...seen].sort(), seen);
  const many = Array.from({ length: 50_000 }, () => ids.next("req"));
  assertEquals(new Set(many).size, many.length);
  for (const id of many.slice(0, 100)) assertMatch(id, /^req_[0-9a-hjkmnp-tv-z]{26}$/);
  assertEquals(new Set(many.map((id) => id.slice(14)).join("")).size, 32);
  assertEquals(ids.bytes(32).length, 32);
});

function logged(fields: Record<string, unknown>): string {
  const lines: string[] = [];
  const logger = createJsonLogger({
    level: "info",
    clock: new FixedClock(),
    write: (line) => void lines.push(line),
  });
  logger.debug("hidden");
  logger.info("event", fields);
  assertEquals(lines.length, 1);
  return lines[0] ?? "";
}

Deno.test("a log line is one line of JSON whatever is in it", () => {
  const line = logged({ name: "a\r\nb\u2028", units: 7n, nested: { list: [1, null, undefined] } });
  assertEquals(line.split("\n").length, 2);
  assertEquals(JSON.parse(line).units, "7");
  assertEquals(JSON.parse(line).level, "info");
  const loop: Record<string, unknown> = {};
  loop["self"] = loop;
  JSON.parse(logged(loop));
});

Deno.test("no secret gets into a log line, by its name or by its looks", () => {
  const secrets = [
    "cm_live_" + "A1b2".repeat(9),
    "sk_test_51Habcdef",
    "rk_live_51Habcdef",
    "whsec_abcdef",
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl",
  ];
  for (const secret of secrets) {
    const line = logged({
      message: `request with ${secret} failed`,
      error: new Error(`bad ${secret}`, { cause: new Error(secret) }),
      list: [{ deep: secret }],
    });
    assertEquals(line.includes(secret), false, line);
  }
  const named = logged({
    authorization: "hunter2",
    sessionSecret: "hunter2",
    apiKey: "hunter2",
    nested: { cookie: "hunter2", password: "hunter2", operatorToken: "hunter2" },
    url: "smtp://user:hunter2@mail.example.com",
    header: "Bearer hunter2",
  });
  assertEquals(named.includes("hunter2"), false, named);
  assertEquals(redactText("key cm_live_3fK…x9Qa"), "key cm_live_3fK…x9Qa");
});

Deno.test("metrics print in Prometheus' text format", () => {
  const metrics = new Metrics();
  const calls = metrics.counter({
    name: "calls_total",
    help: "Calls.",
    labels: ["route", "status"],
  });
  const ok = calls.with("POST /v1/ratings", "200");
  ok.add();
  ok.add(2);
  calls.with('a"b\\c\n', "500").add();
  metrics.counter({ name: "plain_total", help: "Plain." }).add(4);
  const time = metrics.histogram({ name: "seconds", help: "Time.", buckets: [0.1, 1] });
  for (const value of [0.05, 0.1, 0.5, 5]) time.observe(value);
  metrics.gauge({ name: "lag", help: "Lag." }, () => 2.5);
  metrics.gauge({ name: "unknown", help: "Not known." }, () => null);
  assertEquals(
    metrics.text(),
    [
      "# HELP calls_total Calls.",
      "# TYPE calls_total counter",
      'calls_total{route="POST /v1/ratings",status="200"} 3',
      'calls_total{route="a\\"b\\\\c\\n",status="500"} 1',
      "# HELP plain_total Plain.",
      "# TYPE plain_total counter",
      "plain_total 4",
      "# HELP seconds Time.",
      "# TYPE seconds histogram",
      'seconds_bucket{le="0.1"} 2',
      'seconds_bucket{le="1"} 3',
      'seconds_bucket{le="+Inf"} 4',
      "seconds_sum 5.65",
      "seconds_count 4",
      "# HELP lag Lag.",
      "# TYPE lag gauge",
      "lag 2.5",
      "",
    ].join("\n"),
  );
});

Deno.test("label sets are bounded: what is more is counted as other", () => {
  const metrics = new Metrics();
  const calls = metrics.counter({ name: "calls_total", help: "Calls.", labels: ["path"] });
  for (let index = 0; index < 2_000; index++) calls.with(`/${index}`).add();
  const lines = metrics.text().trim().split("\n");
  assert(lines.length <= 503);
  assert(lines.includes('calls_total{path="other"} 1500'));
});

Deno.test("the sandbox's outbox keeps the newest mails and shows each", async () => {
  const shown: string[] = [];
  const mailer = createOutboxMailer({
    clock: new FixedClock(),
    show: (mail) => void shown.push(mail.subject),
  });
  for (let index = 0; index < 150; index++) {
    await mailer.send({ to: `${index % 2}@example.com`, subject: String(index), text: "" });
  }
  assertEquals(shown.length, 150);
  assertEquals(mailer.mails().length, 100);
  assertEquals(mailer.mails("1@example.com")[0]?.subject, "149");
});

/** A mail server that takes one mail and says what it got. */
function receiveOneMail(): { port: number; mail: Promise<string> } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const receive = async () => {
    const connection = await listener.accept();
    listener.close();
    const write = (line: string) => connection.write(new TextEncoder().encode(`${line}\r\n`));
    let [text, data, inData] = ["", "", false];
    await write("220 test");
    for await (const chunk of connection.readable.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf("\r\n"); end !== -1; end = text.indexOf("\r\n")) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        if (inData && line === ".") {
          inData = false;
          await write("250 taken");
        } else if (inData) data += `${line}\n`;
        else if (line === "DATA") {
          inData = true;
          await write("354 go");
        } else if (line === "QUIT") return data;
        else {
          data += `${line}\n`;
          await write(line.startsWith("EHLO") ? "250 hello" : "250 ok");
          if (line.startsWith("RSET")) return data;
        }
      }
      if (data.includes("Subject:") && !inData) {
        connection.close();
        return data;
      }
    }
    return data;
  };
  return { port: listener.addr.port, mail: receive() };
}

Deno.test({
  name: "a mail goes out over SMTP, and its subject can't add a header",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const { port, mail } = receiveOneMail();
    const mailer = createSmtpMailer({ url: `smtp://127.0.0.1:${port}`, from: "meter@example.com" });
    const outcome = await mailer.send({
      to: "ada@example.com",
      subject: "Hello\r\nBcc: eve@evil.com",
      text: "line one\nhttps://meter.example.com/x?token=abc\n",
    });
    assertEquals(outcome, { kind: "sent" });
    const received = await mail;
    assertMatch(received, /^RCPT TO:<ada@example\.com>$/m);
    assertMatch(received, /^Subject: Hello Bcc: eve@evil\.com$/m);
    assertEquals(/^(RCPT TO:<eve|Bcc:)/im.test(received), false);
    assertMatch(received, /token=3Dabc|token=abc/);
  },
});

Deno.test("a mail server that is away is an outcome, and its password stays unsaid", async () => {
  const mailer = createSmtpMailer({ url: "smtp://u:hunter2@127.0.0.1:1", from: "a@b.co" });
  const outcome = await mailer.send({ to: "c@d.co", subject: "s", text: "t" });
  assertEquals(outcome.kind, "failed");
  assertEquals(JSON.stringify(outcome).includes("hunter2"), false);
});

Deno.test("an outbound call goes to the pinned address, follows nothing and is cut off", async () => {
  const hosts: string[] = [];
  const held = Promise.withResolvers<Response>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (req) => {
    hosts.push(req.headers.get("host") ?? "");
    const { pathname } = new URL(req.url);
    if (pathname === "/move") return Response.redirect("http://127.0.0.1:1/");
    if (pathname === "/big") return new Response("x".repeat(5_000));
    if (pathname === "/slow") return held.promise;
    return new Response("here");
  });
  const { port } = server.addr;
  const call = (path: string) =>
    outboundHttp.send({
      url: `http://nowhere.invalid:${port}${path}`,
      address: "127.0.0.1",
      method: "GET",
      headers: {},
      timeoutMs: 300,
      maxBytes: 1_000,
    });
  const answer = await call("/");
  assert(answer.ok, JSON.stringify(answer));
  assertEquals([answer.status, answer.text], [200, "here"]);
  assertEquals(hosts, [`nowhere.invalid:${port}`]);
  const moved = await call("/move");
  assertEquals(moved.ok && moved.status, 302);
  const big = await call("/big");
  assertEquals(big.ok ? "" : big.code, "too_large");
  const slow = await call("/slow");
  assertEquals(slow.ok ? "" : slow.code, "timeout");
  held.resolve(new Response());
  await server.shutdown();
});
