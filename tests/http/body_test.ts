import { assert, assertEquals } from "@std/assert";
import { checkMediaType, readBytes, readForm, readJson, readMultipart } from "@/lib/http/body.ts";

function post(body: BodyInit | null, headers: Record<string, string> = {}): Request {
  return new Request("http://localhost/", {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** Chunks as the network might bring them; `null` never ends. */
function stream(chunks: Iterable<Uint8Array>, { ends = true } = {}): ReadableStream<Uint8Array> {
  const source = chunks[Symbol.iterator]();
  return new ReadableStream({
    pull: (controller) => {
      const next = source.next();
      if (!next.done) controller.enqueue(next.value);
      else if (ends) controller.close();
    },
  });
}

async function codeOf(req: Request, options = {}): Promise<string> {
  const result = await readJson(req, options);
  return result.ok ? "ok" : result.error.code;
}

Deno.test("JSON is read", async () => {
  assertEquals(await readJson(post('{"a":[1,"é",null]}')), {
    ok: true,
    value: { a: [1, "é", null] },
  });
  assertEquals(await readJson(post("7", { "content-type": "application/json; charset=UTF-8" })), {
    ok: true,
    value: 7,
  });
});

Deno.test("a body without a length is cut off while it streams", async () => {
  const chunk = new Uint8Array(1_024);
  let sent = 0;
  function* endless() {
    while (true) {
      sent++;
      yield chunk;
    }
  }
  const limits = { maxBytes: 10_240 };
  const unsaid = post(stream(endless()));
  assertEquals(await codeOf(unsaid, limits), "body_too_large");
  assert(sent < 20, `${sent} chunks were read`);
  const honest = post("x".repeat(10_241), { "content-length": "10241" });
  assertEquals(await codeOf(honest, limits), "body_too_large");
  const exact = await readBytes(post("x".repeat(10_240)), limits);
  assertEquals(exact.ok && exact.value.length, 10_240);
});

Deno.test("a body that is longer or shorter than it claims is refused", async () => {
  for (const claimed of ["1", "3", "0", "x", "-1", "2.5"]) {
    assertEquals(
      await codeOf(post("{}", { "content-length": claimed })),
      "malformed_body",
      claimed,
    );
  }
  assertEquals(await codeOf(post("{}", { "content-length": "2" })), "ok");
});

Deno.test("over a socket, what follows a lying length is not read as the body", async () => {
  const seen: string[] = [];
  const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  const server = Deno.serve(options, async (req) => {
    const body = await readBytes(req, { maxBytes: 100 });
    seen.push(body.ok ? new TextDecoder().decode(body.value) : body.error.code);
    return new Response(null, { headers: { connection: "close" } });
  });
  const send = async (head: string, chunk: string, times: number) => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
    const write = (text: string) => connection.write(new TextEncoder().encode(text));
    await write(`POST / HTTP/1.1\r\nhost: a\r\n${head}\r\n\r\n`);
    try {
      for (let count = 0; count < times; count++) await write(chunk);
    } catch {
      // The server has closed the connection: it read enough.
    }
    await connection.read(new Uint8Array(1_000)).catch(() => null);
  };
  await send("content-length: 5", "x".repeat(1_000), 3);
  await send("transfer-encoding: chunked", `400\r\n${"y".repeat(1_024)}\r\n`, 50);
  assertEquals(seen, ["xxxxx", "body_too_large"]);
  await server.shutdown();
});

Deno.test("a sender that stops in the middle is let go", async () => {
  const slow = post(stream([new TextEncoder().encode('{"a":')], { ends: false }));
  assertEquals(await codeOf(slow, { timeoutMs: 20 }), "request_timeout");
});

Deno.test("a body that breaks off is the sender's problem, not ours", async () => {
  const broken = new ReadableStream({
    pull: (controller) => controller.error(new Error("connection reset")),
  });
  assertEquals(await codeOf(post(broken)), "malformed_body");
});

Deno.test("compressed bodies are refused, so none can grow", async () => {
  const bomb = stream([new Uint8Array(10)]);
  for (const encoding of ["gzip", "br", "deflate", "zstd", "gzip, identity", "GZIP"]) {
    const code = await codeOf(post(bomb, { "content-encoding": encoding }));
    assertEquals(code, "unsupported_content_encoding");
  }
  assertEquals(await codeOf(post("1", { "content-encoding": "identity" })), "ok");
});

Deno.test("another content type or charset is refused", async () => {
  const types = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/jsonx",
    "application/json; charset=latin1",
    "",
    "text/html; application/json",
  ];
  for (const type of types) {
    assertEquals(
      await codeOf(post("{}", { "content-type": type })),
      "unsupported_media_type",
      type,
    );
  }
  assertEquals(checkMediaType(null, ["application/json"]).ok, false);
});

Deno.test("bytes that are not UTF-8 are refused", async () => {
  for (const bytes of [[0xff, 0xfe], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0x22, 0xe2, 0x82, 0x22]]) {
    assertEquals(await codeOf(post(new Uint8Array(bytes))), "malformed_body");
  }
});

Deno.test("what is not one JSON value is refused", async () => {
  for (
    const text of ["", "{", "{}}", "{'a':1}", "[1,]", "NaN", "01", "\ufeff{}", "undefined", '"\t"']
  ) {
    assertEquals(await codeOf(post(text)), "malformed_json", JSON.stringify(text));
  }
});

Deno.test("a form is read, and one with a thousand and one fields is not", async () => {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const form = await readForm(post("a=1&b=%C3%A9&a=2", headers));
  assert(form.ok);
  assertEquals([form.value.getAll("a"), form.value.get("b")], [["1", "2"], "é"]);
  assertEquals((await readForm(post("a=1&".repeat(1_001), headers))).ok, false);
});

function multipart(parts: readonly (readonly [string, string | File])[]): Request {
  const body = new FormData();
  for (const [name, value] of parts) body.append(name, value);
  return new Request("http://localhost/", { method: "POST", body });
}

Deno.test("a form with files is read: fields in order, chosen files, none for an empty choice", async () => {
  const form = await readMultipart(multipart([
    ["a", "1"],
    ["list", new File(["id\nx"], "list.csv", { type: "text/csv" })],
    ["other", new File([], "")],
    ["a", "é"],
  ]));
  assert(form.ok);
  assertEquals([...form.value.fields], [["a", "1"], ["a", "é"]]);
  assertEquals([...form.value.files.keys()], ["list"]);
  assertEquals(await form.value.files.get("list")?.text(), "id\nx");
});

Deno.test("a form with files is bounded, of its type, and whole", async () => {
  const code = async (req: Request, maxBytes = 10_000) => {
    const form = await readMultipart(req, { maxBytes });
    return form.ok ? "ok" : form.error.code;
  };
  assertEquals(await code(multipart([["a", "x".repeat(20_000)]])), "body_too_large");
  assertEquals(await code(post("a=1")), "unsupported_media_type");
  const many = Array.from({ length: 1_001 }, (): [string, string] => ["a", "1"]);
  assertEquals(await code(multipart(many), 1_000_000), "malformed_form");
  const type = { "content-type": "multipart/form-data; boundary=b" };
  assertEquals(await code(post("--b\r\nnot a part", type)), "malformed_form");
  assertEquals(
    await code(post("--b--", { "content-type": "multipart/form-data" })),
    "malformed_form",
  );
});
