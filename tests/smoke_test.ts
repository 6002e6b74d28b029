import { assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import Stripe from "stripe";
Deno.test("the toolchain resolves every import", () => {
  assertEquals(z.string().parse("a"), "a");
  assertThrows(() => z.string().parse(1));
  assertEquals(typeof Stripe, "function");
});
