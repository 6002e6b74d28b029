import {
  complementaryErrorFunction,
  normalDistribution,
  normalQuantile,
} from "@/lib/domain/rating/normal.ts";
import { within } from "@/tests/support/printed.ts";

const REFERENCE: readonly [number, number][] = [
  [-8, 6.220960574271785e-16],
  [-3, .0013498980316300933],
  [-1.96, .024997895148220435],
  [1, .8413447460685429],
];

for (const [x, expected] of REFERENCE) {
  Deno.test(`N1: the normal distribution at ${x} has full relative precision (scipy ndtr)`, () => {
    within(normalDistribution(x), expected, expected * 1e-15);
  });
}

Deno.test("the quantile is the published one at 95, 97.5 and 99 %", () => {
  within(normalQuantile(.95), 1.6448536269514722, 1e-15);
  within(normalQuantile(.975), 1.959963984540054, 1e-15);
  within(normalQuantile(.99), 2.3263478740408408, 1e-15);
});

Deno.test("the quantile undoes the distribution from tail to tail", () => {
  // Above 5 the distribution is too near 1 for a double to tell the values apart.
  for (let x = -8; x <= 5; x += .25) within(normalQuantile(normalDistribution(x)), x, 1e-9);
});

Deno.test("the complementary error function is continuous where its approximations meet", () => {
  for (const joint of [.46875, 4]) {
    const below = complementaryErrorFunction(joint * (1 - 1e-12));
    const above = complementaryErrorFunction(joint * (1 + 1e-12));
    within(above, below, below * 1e-9);
  }
  within(complementaryErrorFunction(-40), 2, 0);
  within(complementaryErrorFunction(40), 0, 0);
});
