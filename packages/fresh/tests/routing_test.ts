import { assertEquals, assertThrows } from "@std/assert";
import { mergePath, pathToPattern } from "../src/routing/paths.ts";
import { compilePattern, isPattern } from "../src/routing/pattern.ts";
import { plainPathname } from "../src/routing/request_url.ts";
import { Router } from "../src/routing/router.ts";

Deno.test("a path is a pattern if it holds any pattern syntax", () => {
  for (const path of ["/a/:b", "/a/*", "/a{/b}?", "/a/(\\d+)"]) assertEquals(isPattern(path), true);
  for (const path of ["/", "/a/b-c.d", "/a@b"]) assertEquals(isPattern(path), false);
});

const MATCHES: [pattern: string, path: string, params: Record<string, string> | null][] = [
  ["/:a", "/x", { a: "x" }],
  ["/:a", "/x/y", null],
  ["/:a/:b", "/x/y", { a: "x", b: "y" }],
  ["/a/:b.json", "/a/x.json", { b: "x" }],
  ["/v/:mod@:version", "/v/std@1.2", { mod: "std", version: "1.2" }],
  ["/a/:rest*", "/a", { rest: "" }],
  ["/a/:rest*", "/a/b/c", { rest: "b/c" }],
  ["/a/:rest*", "/ab", null],
  ["/a{/:b}?", "/a", { b: "" }],
  ["/a{/:b}?", "/a/x", { b: "x" }],
  ["/a{/:b}?/c", "/a/c", { b: "" }],
  ["/a{/:b}?/c", "/a/x/c", { b: "x" }],
  ["/a/*", "/a/b/c", { 0: "b/c" }],
  ["/a/(\\d+)", "/a/12", { 0: "12" }],
  ["/a/(\\d+)", "/a/x", null],
  ["/ü/:a", "/%C3%BC/x", { a: "x" }],
  ["/a.b/:c", "/aXb/x", null],
];

for (const [pattern, path, params] of MATCHES) {
  const outcome = params === null ? "does not match" : "matches";
  Deno.test(`${pattern} ${outcome} ${path}`, () => {
    assertEquals(compilePattern(pattern)(path), params);
  });
}

Deno.test("compiled patterns agree with URLPattern", () => {
  const patterns = ["/:a", "/:a/:b", "/a/:rest*", "/a{/:b}?", "/x/*", "/a/:b.json", "/a-:b-c"];
  const paths = ["/", "/a", "/a/", "/a/b", "/a/b/", "/a/b/c", "/x/", "/x/y", "/a/q.json", "/a-1-c"];
  for (const pattern of patterns) {
    const reference = new URLPattern({ pathname: pattern });
    const compiled = compilePattern(pattern);
    for (const pathname of paths) {
      const expected = reference.exec({ pathname })?.pathname.groups ?? null;
      const filled = expected === null
        ? null
        : Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, value ?? ""]));
      assertEquals(compiled(pathname), filled, `${pattern} on ${pathname}`);
    }
  }
});

const FILES: [file: string, pattern: string][] = [
  ["index", "/"],
  ["foo/bar", "/foo/bar"],
  ["foo/index", "/foo"],
  ["foo/[name]", "/foo/:name"],
  ["foo/[name]/bar/[bob]", "/foo/:name/bar/:bob"],
  ["foo/[...name]", "/foo/:name*"],
  ["foo/[mod]@[version]", "/foo/:mod@:version"],
  ["foo/[bar].json", "/foo/:bar.json"],
  ["foo/foo[bar]", "/foo/foo:bar"],
  ["foo/[[name]]", "/foo{/:name}?"],
  ["foo/[[name]]/bar", "/foo{/:name}?/bar"],
  ["(group)/foo", "/foo"],
  ["(group)/index", "/"],
];

for (const [file, pattern] of FILES) {
  Deno.test(`the file ${file} answers at ${pattern}`, () => {
    assertEquals(pathToPattern(file), pattern);
  });
}

Deno.test("malformed route file names are refused", () => {
  for (const file of ["[a][b]", "foo]", "[foo]]", "a-[[b]]", "[[b]]-a", "[a", "[]"]) {
    assertThrows(() => pathToPattern(file), SyntaxError, "Invalid route path", file);
  }
});

Deno.test("paths are joined with one slash, and a star stands for everything below", () => {
  assertEquals(mergePath("", "/foo", false), "/foo");
  assertEquals(mergePath("/", "/foo", false), "/foo");
  assertEquals(mergePath("/foo", "/", false), "/foo");
  assertEquals(mergePath("/foo", "/bar", false), "/foo/bar");
  assertEquals(mergePath("*", "/bar", false), "/bar");
  assertEquals(mergePath("/foo", "*", false), "/foo/*");
  assertEquals(mergePath("/foo", "*", true), "/foo");
  assertEquals(mergePath("/foo", "/*", true), "/foo/*");
});

Deno.test("the router finds patterns by their first literal segment, in order", () => {
  const router = new Router<string>();
  router.add("GET", "/:any/x", "any");
  router.add("GET", "/users/:id", "users");
  router.add("GET", "/:a/:b", "two");
  assertEquals(router.match("/users/x")?.entry.byMethod.get("GET"), "any");
  assertEquals(router.match("/users/1")?.entry.byMethod.get("GET"), "users");
  assertEquals(router.match("/other/1")?.entry.byMethod.get("GET"), "two");
  assertEquals(router.match("/other"), null);
});

Deno.test("plain paths are read without the URL parser, others are left to it", () => {
  assertEquals(plainPathname("http://localhost/a/b-c_d~1?x=/../"), "/a/b-c_d~1");
  assertEquals(plainPathname("http://localhost/a%20b#h"), "/a%20b");
  for (const path of ["/a//b", "/a/./b", "/a/../b", "/a/%2e%2e/b", "/a\\b", "/ä", "/a b", ""]) {
    assertEquals(plainPathname(`http://localhost${path}`), null, path);
  }
});

Deno.test("reading a path by hand gives what the URL parser gives", () => {
  const characters = "aZ09-._~!$&'()*+,;=:@%2f/";
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor(seed / 65536) % below;
  };
  for (let round = 0; round < 2_000; round++) {
    const text = Array.from({ length: next(12) }, () => characters[next(characters.length)]);
    const url = `http://localhost/${text.join("")}`;
    const plain = plainPathname(url);
    if (plain !== null) assertEquals(plain, new URL(url).pathname, url);
  }
});
