import { assert, assertEquals } from "@std/assert";
import { type EuropeanOption, optionPrice } from "@/lib/domain/rating/european_option.ts";
import { impliedVolatility } from "@/lib/domain/rating/implied_volatility.ts";
import { within } from "@/tests/support/printed.ts";

const BASE: Omit<EuropeanOption, "volatility"> = {
  model: "black_scholes_merton",
  optionType: "call",
  underlyingPrice: 100,
  strikePrice: 100,
  timeYears: 457 / 365,
  riskFreeRate: .1,
  dividendYield: .06,
};

Deno.test("O13: implied volatility comes back for strikes 50 to 200 (QuantLib blackformula.cpp:208)", () => {
  for (let strikePrice = 50; strikePrice <= 200; strikePrice += 10) {
    for (const optionType of ["call", "put"] as const) {
      const option = { ...BASE, strikePrice, optionType };
      const found = impliedVolatility(option, optionPrice({ ...option, volatility: .2 }));
      assert(found.ok);
      within(found.value * Math.sqrt(option.timeYears), .2 * Math.sqrt(option.timeYears), 1e-7);
    }
  }
});

Deno.test("O14: implied volatility is 0.3 over the strikes of QuantLib blackformula.cpp:120", () => {
  for (let strikePrice = 50; strikePrice <= 300; strikePrice += 10) {
    for (const optionType of ["call", "put"] as const) {
      const option = {
        ...BASE,
        model: "black_76" as const,
        strikePrice,
        optionType,
        timeYears: 1.7,
      };
      const found = impliedVolatility(option, optionPrice({ ...option, volatility: .3 }));
      assert(found.ok);
      within(found.value, .3, 1e-8);
    }
  }
});

Deno.test("a price at or beyond the no-arbitrage bounds is refused", () => {
  const discounted = 100 * Math.exp(-BASE.dividendYield * BASE.timeYears);
  for (const price of [0, -1, discounted, discounted + 1]) {
    const found = impliedVolatility(BASE, price);
    assert(!found.ok);
    assertEquals(found.error.code, "price_outside_arbitrage_bounds");
  }
});

Deno.test("a price that needs more than 500 % of volatility is refused as not convergent", () => {
  const short = { ...BASE, timeYears: 1 / 365 };
  const found = impliedVolatility(short, 60);
  assert(!found.ok);
  assertEquals(found.error.code, "no_convergence");
});
