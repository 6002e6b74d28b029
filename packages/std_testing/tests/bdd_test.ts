import { assertEquals, assertThrows } from "@std/assert";
import {
  after,
  afterAll,
  afterEach,
  before,
  beforeAll,
  beforeEach,
  describe,
  it,
  test,
} from "../bdd.ts";

const log: string[] = [];

describe("outer", () => {
  before(() => void log.push("before outer"));
  after(() => void log.push("after outer"));
  beforeEach(() => void log.push("each outer"));
  afterEach(() => void log.push("end outer"));

  it("first", () => void log.push("first"));

  describe("inner", () => {
    beforeAll(() => void log.push("before inner"));
    afterAll(() => void log.push("after inner"));
    beforeEach(() => void log.push("each inner"));
    afterEach(() => void log.push("end inner"));

    it("second", async () => {
      await Promise.resolve();
      log.push("second");
    });
  });

  it.skip("skipped", () => void log.push("skipped"));
  it.ignore("ignored", () => void log.push("ignored"));
  it.todo("to be done", () => void log.push("to be done"));
  describe.skip("skipped suite", () => {
    it("not run", () => void log.push("not run"));
  });
});

Deno.test("hooks run around tests, those of outer suites first on the way in and last out", () => {
  assertEquals(log, [
    "before outer",
    "each outer",
    "first",
    "end outer",
    "before inner",
    "each outer",
    "each inner",
    "second",
    "end inner",
    "end outer",
    "after inner",
    "after outer",
  ]);
});

interface Shared {
  base: number;
  own?: number;
}
const seen: (number | undefined)[] = [];

describe("context", () => {
  beforeAll<Shared>(function () {
    this.base = 1;
  });
  it<Shared>("sees what the hooks set, and keeps what it sets to itself", function () {
    this.own = this.base + 1;
    seen.push(this.own);
  });
  describe("inherits", () => {
    it<Shared>("into inner suites", function () {
      seen.push(this.base, this.own);
    });
  });
});

Deno.test("this is shared with the hooks and with inner suites, not between tests", () => {
  assertEquals(seen, [2, 1, undefined]);
});

test({
  name: "options may come as an object, and test() is it()",
  fn(t) {
    assertEquals(t.name, "options may come as an object, and test() is it()");
  },
});

it("a test may stand outside suites", () => {});

Deno.test("hooks outside a suite are refused", () => {
  assertThrows(() => beforeEach(() => {}), Error, "inside describe()");
});

Deno.test("it.only() leaves the other tests of its run out, and failures run after-hooks", async () => {
  const bdd = new URL("../bdd.ts", import.meta.url).href;
  const dir = await Deno.makeTempDir();
  try {
    const file = `${dir}/only_test.ts`;
    await Deno.writeTextFile(
      file,
      `import { afterAll, describe, it } from "${bdd}";
      describe("suite", () => {
        afterAll(() => console.log("ran afterAll"));
        it("one", () => console.log("ran one"));
        it.only("two", () => {
          console.log("ran two");
          throw new Error("failed on purpose");
        });
        describe("deep", () => it("three", () => console.log("ran three")));
      });
      describe("other", () => it("four", () => console.log("ran four")));`,
    );
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-check", "--no-lock", "--no-config", file],
      env: { NO_COLOR: "1" },
      stderr: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    const ran = [...text.matchAll(/^ran (\w+)$/gm)].map((match) => match[1]);
    assertEquals([code === 0, ran], [false, ["two", "afterAll"]]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
