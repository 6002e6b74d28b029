import { assert, assertEquals } from "@std/assert";
import { currencies, currency } from "@/lib/domain/rating/currency_registry.ts";
import {
  checkIdentifier,
  detectIdentifier,
  type IdentifierType,
  isinFrom,
  isinHolds,
} from "@/lib/domain/rating/identifiers.ts";
import { mic, mics } from "@/lib/domain/rating/mic_registry.ts";

const STDNUM = "python-stdnum";

function codeOf(type: IdentifierType, text: string): string {
  const checked = checkIdentifier(type, text);
  return checked.ok ? "ok" : checked.error.code;
}

function eachIs(type: IdentifierType, code: string, texts: readonly string[]): void {
  for (const text of texts) assertEquals([text, codeOf(type, text)], [text, code]);
}

Deno.test(`I1: right and wrong ISINs are told apart (${STDNUM})`, () => {
  eachIs("isin", "ok", [
    ...["US0378331005", "AU0000XVGZA3", "FR0000988040", "GB0002634946", "GB00BYXJL758"],
    "IE00B4L5Y983",
  ]);
  eachIs("isin", "checksum_invalid", ["US0378331003", "US0373831005"]);
  eachIs("isin", "format_invalid", ["ZZ0378331005", "us0378331005", "US037833100", ""]);
});

Deno.test("I1: a transposition that Luhn can't see passes", () => {
  eachIs("isin", "ok", ["AU0000VXGZA3"]);
});

Deno.test(`I2: right and wrong CUSIPs are told apart (${STDNUM})`, () => {
  eachIs("cusip", "ok", [
    ...["037833100", "38259P508", "594918104", "68389X105", "FDIC90903", "DUS0421C5"],
    "91324PAE2",
  ]);
  assertEquals(codeOf("cusip", "DUS0421CN"), "format_invalid");
  assertEquals(codeOf("cusip", "037833101"), "checksum_invalid");
  assertEquals(isinFrom("US", "91324PAE2"), "US91324PAE25");
});

Deno.test(`I3: right and wrong SEDOLs are told apart (${STDNUM}, Rosetta Code)`, () => {
  eachIs("sedol", "ok", [
    ...["7108899", "B0YBKJ7", "4065663", "B0YBLH2", "2282765", "B000300", "B15KXQ8"],
  ]);
  eachIs("sedol", "format_invalid", ["107MXC1", "BO7MXC9"]);
  assertEquals(codeOf("sedol", "7108890"), "checksum_invalid");
  assertEquals(isinFrom("GB", "B15KXQ8"), "GB00B15KXQ89");
});

Deno.test(`I4: right and wrong LEIs are told apart (${STDNUM})`, () => {
  eachIs("lei", "ok", [
    ...["213800KUD8LAJWSQ9D15", "5493000IBP32UQZ0KL24", "HWUPKR0MPOU8FGXBT394"],
    "0YPKKE5F0QW6RC51HE09",
  ]);
  eachIs("lei", "checksum_invalid", ["213800KUD8LXJWSQ9D15"]);
});

Deno.test(`I5: right and wrong FIGIs are told apart (${STDNUM})`, () => {
  eachIs("figi", "ok", ["BBG000BLNQ16", "BBG000BLNR78", "BBG000B9XRY4"]);
  eachIs("figi", "checksum_invalid", ["BBG000BLNQ14"]);
  eachIs("figi", "format_invalid", ["BBP000BLNR78", "B2G000BLNR78", "GBG000BLNR78"]);
});

const MONEY: readonly [string, string, number | null][] = [
  ["USD", "840", 2],
  ["JPY", "392", 0],
  ["KWD", "414", 3],
  ["BHD", "048", 3],
  ["TND", "788", 3],
  ["ISK", "352", 0],
  ["KRW", "410", 0],
  ["XAU", "959", null],
  ["XXX", "999", null],
  ["IQD", "368", 3],
  ["IRR", "364", 2],
  ["CLF", "990", 4],
  ["UYW", "927", 4],
];

for (const [code, numeric, minorUnits] of MONEY) {
  Deno.test(`I6: ${code} is ${numeric} with ${minorUnits ?? "no"} minor units (ISO 4217)`, () => {
    const found = currency(code);
    assertEquals([found?.numeric, found?.minorUnits, found?.status], [
      numeric,
      minorUnits,
      "active",
    ]);
  });
}

Deno.test("I6: replaced currencies are withdrawn, and unknown codes are none (ISO 4217)", () => {
  for (const code of ["HRK", "VEF", "BGN", "ZWL"]) {
    assertEquals(currency(code)?.status, "withdrawn");
  }
  assertEquals(currency("QQQ"), null);
});

Deno.test("the currency table holds each code and each active number once", () => {
  const all = currencies();
  const active = all.filter((entry) => entry.status === "active");
  assertEquals(new Set(all.map((entry) => entry.code)).size, all.length);
  assertEquals(new Set(active.map((entry) => entry.numeric)).size, active.length);
  assert(active.length > 170);
  for (const { code, numeric } of all) {
    assert(/^[A-Z]{3}$/.test(code) && /^[0-9]{3}$/.test(numeric), code + numeric);
  }
});

Deno.test("I7: XNAS operates, XNCM is its segment, XNYS is in the US, ZZZZ is unregistered (ISO 10383)", () => {
  assertEquals(mic("XNAS")?.kind, "operating");
  assertEquals(mic("XNCM"), {
    code: "XNCM",
    operatingCode: "XNAS",
    kind: "segment",
    country: "US",
  });
  assertEquals(mic("XNYS")?.country, "US");
  assertEquals(mic("ZZZZ"), null);
});

Deno.test("every segment's operating market is in the market table", () => {
  for (const { code, operatingCode } of mics()) {
    assert(/^[A-Z0-9]{4}$/.test(code), code);
    assertEquals(mic(operatingCode)?.kind, "operating");
  }
});

Deno.test("the kind of an identifier shows in its form and check digit", () => {
  assertEquals(
    ["US0378331005", "037833100", "B0YBKJ7", "BBG000BLNQ16", "213800KUD8LAJWSQ9D15", "x"].map(
      detectIdentifier,
    ),
    ["isin", "cusip", "sedol", "figi", "lei", null],
  );
});

Deno.test("an ISIN holds the national number of the US, Canada, Britain and Ireland only", () => {
  assertEquals(isinHolds("US0378331005", { type: "cusip", value: "037833100" }), true);
  assertEquals(isinHolds("US0378331005", { type: "cusip", value: "594918104" }), false);
  assertEquals(isinHolds("GB00B15KXQ89", { type: "sedol", value: "B15KXQ8" }), true);
  assertEquals(isinHolds("FR0000988040", { type: "sedol", value: "B15KXQ8" }), null);
});
