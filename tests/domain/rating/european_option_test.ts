import { assertEquals } from "@std/assert";
import {
  type EuropeanOption,
  optionPrice,
  type OptionValue,
  valueOption,
} from "@/lib/domain/rating/european_option.ts";
import { blackTerms } from "@/lib/domain/rating/european_option.ts";
import { printed, within } from "@/tests/support/printed.ts";

const HAUG = "Haug, Option Pricing Formulas (QuantLib europeanoption.cpp)";

function option(terms: {
  type: "call" | "put";
  s: number;
  k: number;
  r: number;
  t: number;
  v: number;
  q?: number;
  model?: EuropeanOption["model"];
}): EuropeanOption {
  return {
    model: terms.model ?? "black_scholes_merton",
    optionType: terms.type,
    underlyingPrice: terms.s,
    strikePrice: terms.k,
    timeYears: terms.t,
    riskFreeRate: terms.r,
    dividendYield: terms.q ?? 0,
    volatility: terms.v,
  };
}

const PRICES: readonly [string, EuropeanOption, string, string?][] = [
  ["O1", option({ type: "call", s: 60, k: 65, r: .08, t: .25, v: .3 }), "2.1334", "2.1333684449"],
  [
    "O2",
    option({ type: "put", s: 100, k: 95, q: .05, r: .1, t: .5, v: .2 }),
    "2.4648",
    "2.4647876468",
  ],
  [
    "O3 call",
    option({ type: "call", s: 19, k: 19, r: .1, t: .75, v: .28, model: "black_76" }),
    "1.7011",
    "1.7010507252",
  ],
  [
    "O3 put",
    option({ type: "put", s: 19, k: 19, r: .1, t: .75, v: .28, model: "black_76" }),
    "1.7011",
    "1.7010507252",
  ],
  [
    "O4",
    option({ type: "call", s: 1.56, k: 1.6, q: .08, r: .06, t: .5, v: .12 }),
    "0.0291",
    "0.0290992531",
  ],
  ["O5", option({ type: "call", s: 100, k: 100, q: .1, r: .1, t: .1, v: .25 }), "3.1217"],
  ["O6", option({ type: "put", s: 110, k: 100, q: .1, r: .1, t: .5, v: .35 }), "5.7963"],
  ["O7", option({ type: "call", s: 42, k: 40, q: .08, r: .04, t: .75, v: .35 }), "5.0975"],
];

for (const [id, terms, price, derived] of PRICES) {
  Deno.test(`${id}: the option price is ${price} as in ${HAUG}`, () => {
    printed(valueOption(terms).price, price);
    printed(optionPrice(terms), price);
    if (derived !== undefined) printed(valueOption(terms).price, derived);
  });
}

Deno.test(`O8: delta and elasticity are those of ${HAUG}`, () => {
  const terms = { s: 105, k: 100, q: .1, r: .1, t: .5, v: .36 };
  printed(valueOption(option({ type: "call", ...terms })).delta, "0.5946");
  printed(valueOption(option({ type: "put", ...terms })).delta, "-0.3566");
  printed(valueOption(option({ type: "put", ...terms })).elasticity, "-4.8775");
});

Deno.test(`O9: gamma and vega are those of ${HAUG}`, () => {
  for (const type of ["call", "put"] as const) {
    const value = valueOption(option({ type, s: 55, k: 60, r: .1, t: .75, v: .3 }));
    printed(value.gamma, "0.0278");
    printed(value.vega, "18.9358");
  }
});

Deno.test(`O10: rho is that of ${HAUG}`, () => {
  printed(
    valueOption(option({ type: "call", s: 72, k: 75, r: .09, t: 1, v: .19 })).rho,
    "38.7325",
  );
});

Deno.test("O11: d1, d2, call and put are those of Hull's Black-Scholes example", () => {
  const call = option({ type: "call", s: 42, k: 40, r: .1, t: .5, v: .2 });
  const { d1, d2 } = blackTerms(call, .2 * Math.sqrt(.5));
  printed(d1, "0.7693");
  printed(d2, "0.6278");
  printed(valueOption(call).price, "4.76");
  printed(valueOption(call).price, "4.7594223929");
  printed(valueOption({ ...call, optionType: "put" }).price, "0.81");
  printed(valueOption({ ...call, optionType: "put" }).price, "0.8085993729");
});

Deno.test("O12: all Greeks are those of Hull's chapter on Greek letters", () => {
  const value = valueOption(option({ type: "call", s: 49, k: 50, r: .05, t: .3846, v: .2 }));
  const expected: readonly [keyof OptionValue, string, string][] = [
    ["price", "2.40", "2.400461"],
    ["delta", "0.522", "0.521602"],
    ["gamma", "0.066", "0.065545"],
    ["vega", "12.1", "12.105243"],
    ["theta", "-4.31", "-4.305390"],
    ["rho", "8.91", "8.906574"],
  ];
  for (const [greek, text, derived] of expected) {
    printed(value[greek], text);
    printed(value[greek], derived);
  }
  within(value.thetaPerDay, value.theta / 365, 1e-15);
});

Deno.test("without time or volatility an option is worth its discounted intrinsic value", () => {
  const expired = option({ type: "call", s: 110, k: 100, r: .05, t: 0, v: .2 });
  const value = valueOption(expired);
  assertEquals([value.price, value.delta, value.gamma, value.vega, value.theta], [10, 1, 0, 0, 0]);
  assertEquals(valueOption({ ...expired, underlyingPrice: 100 }).delta, null);
  const calm = option({ type: "call", s: 100, k: 100, r: .1, t: 1, v: 0 });
  within(valueOption(calm).price, 100 - 100 * Math.exp(-.1), 1e-12);
});

Deno.test("every Greek agrees with the finite difference of the price", () => {
  const base = option({ type: "put", s: 97, k: 103, q: .02, r: .04, t: .8, v: .27 });
  for (const model of ["black_scholes_merton", "black_76"] as const) {
    for (const optionType of ["call", "put"] as const) {
      const terms = { ...base, model, optionType };
      const value = valueOption(terms);
      const slope = (name: keyof EuropeanOption, h: number) => {
        const at = Number(terms[name]);
        return (optionPrice({ ...terms, [name]: at + h }) -
          optionPrice({ ...terms, [name]: at - h })) / (2 * h);
      };
      within(value.delta, slope("underlyingPrice", 1e-3), 1e-6);
      within(value.vega, slope("volatility", 1e-5), 1e-6);
      within(value.theta, -slope("timeYears", 1e-5), 1e-6);
      within(value.rho, slope("riskFreeRate", 1e-5), 1e-6);
      within(value.dividendRho, slope("dividendYield", 1e-5), 1e-6);
      const h = 1e-2;
      const curvature = (optionPrice({ ...terms, underlyingPrice: 97 + h }) -
        2 * value.price + optionPrice({ ...terms, underlyingPrice: 97 - h })) / (h * h);
      within(value.gamma, curvature, 1e-6);
    }
  }
});
