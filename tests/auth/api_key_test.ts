import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  API_KEY_PATTERN,
  apiKeyHint,
  generateApiKey,
  hashApiKey,
  parseApiKey,
} from "@/lib/auth/api_key.ts";
import { createIds } from "@/lib/platform/ids.ts";
import { systemClock } from "@/lib/platform/system_clock.ts";
import { seededIds } from "@/tests/support/seeded_ids.ts";

Deno.test("a hundred thousand keys never repeat, and each parses, scans and hints", () => {
  const ids = createIds(systemClock);
  const seen = new Set<string>();
  for (let index = 0; index < 100_000; index++) {
    const mode = index % 2 === 0 ? "live" : "test";
    const key = generateApiKey(mode, ids);
    seen.add(key);
    const parsed = parseApiKey(key);
    if (!parsed.ok || parsed.value.mode !== mode || !API_KEY_PATTERN.test(key)) {
      throw new Error(`key ${index} does not parse`);
    }
  }
  assertEquals(seen.size, 100_000);
});

Deno.test("every letter of the alphabet is as likely as any other", () => {
  const ids = seededIds(7);
  const counts = new Map<string, number>();
  for (let index = 0; index < 4_000; index++) {
    for (const letter of generateApiKey("live", ids).slice(8, 38)) {
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
  }
  assertEquals(counts.size, 62);
  const expected = 4_000 * 30 / 62;
  for (const count of counts.values()) assert(Math.abs(count - expected) < expected * 0.15);
});

Deno.test("changing any single letter of a key breaks its checksum", () => {
  const key = generateApiKey("live", seededIds());
  for (let at = 8; at < key.length; at++) {
    const other = key[at] === "x" ? "y" : "x";
    assertEquals(parseApiKey(key.slice(0, at) + other + key.slice(at + 1)).ok, false, `at ${at}`);
  }
});

Deno.test("a live key does not become a test key by its prefix", () => {
  const key = generateApiKey("live", seededIds());
  assertEquals(parseApiKey(key.replace("live", "test")).ok, false);
});

Deno.test("what is not shaped like a key is refused", () => {
  const key = generateApiKey("live", seededIds());
  for (
    const text of ["", "cm_live_", key + "A", key.slice(1), ` ${key}`, `${key}\n`, "é".repeat(44)]
  ) {
    assertEquals(parseApiKey(text).ok, false, JSON.stringify(text));
  }
});

Deno.test("the stored hash is SHA-256 of the whole text, and the hint can't be turned back", () => {
  assertEquals(
    hashApiKey("abc"),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  const key = generateApiKey("live", seededIds());
  assertNotEquals(hashApiKey(key), hashApiKey(key.toLowerCase()));
  assertEquals(apiKeyHint(key), `${key.slice(0, 11)}…${key.slice(-4)}`);
});
