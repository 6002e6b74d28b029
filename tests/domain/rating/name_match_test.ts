import { assert, assertEquals } from "@std/assert";
import { jaroWinkler, nameScore, normalName, soundex } from "@/lib/domain/rating/name_match.ts";
import { printed, within } from "@/tests/support/printed.ts";

const JELLYFISH = "jellyfish testdata";
const WINKLER = "Winkler's table";

const PAIRS: readonly [string, string, string, string, string][] = [
  ["J1", "MARTHA", "MARHTA", "0.9611", JELLYFISH],
  ["J1", "DWAYNE", "DUANE", "0.84", JELLYFISH],
  ["J1", "DIXON", "DICKSONX", "0.8133", JELLYFISH],
  ["J1", "WILLIAM", "WILLIAMS", "0.975", JELLYFISH],
  ["J1", "abc", "xyz", "0", JELLYFISH],
  ["J1", "", "foo", "0", JELLYFISH],
  ["J1", "a", "a", "1", JELLYFISH],
  ["J2", "SHACKLEFORD", "SHACKELFORD", "0.9818", WINKLER],
  ["J2", "DUNNINGHAM", "CUNNIGHAM", "0.8963", WINKLER],
  ["J2", "JONES", "JOHNSON", "0.8324", WINKLER],
  ["J2", "MASSEY", "MASSIE", "0.9333", WINKLER],
  ["J2", "ABROMS", "ABRAMS", "0.9222", WINKLER],
  ["J2", "MICHELLE", "MICHAEL", "0.9214", WINKLER],
];

for (const [id, a, b, score, source] of PAIRS) {
  Deno.test(`${id}: Jaro-Winkler of "${a}" and "${b}" is ${score} (${source})`, () => {
    printed(jaroWinkler(a, b), score);
    printed(jaroWinkler(b, a), score);
  });
}

Deno.test("equal first letters help only names that are alike already (Winkler's threshold of 0.7)", () => {
  within(jaroWinkler("ABXXXXXX", "ABYYYYYY"), .5, 1e-15);
});

Deno.test("names are compared without accents, case, punctuation and legal form", () => {
  assertEquals(normalName("Société Générale, S.A."), {
    full: "SOCIETE GENERALE",
    tokens: ["SOCIETE", "GENERALE"],
    legalForms: ["SA"],
  });
  assertEquals(normalName("LTD").full, "LTD");
  within(nameScore(normalName("ACME Trading LLC"), normalName("Acme  Trading, Ltd.")), 1, 0);
});

Deno.test("a name with its words in another order still scores", () => {
  const score = nameScore(normalName("Vladimir Petrov"), normalName("PETROV, Vladimir"));
  within(score, 1, 0);
});

Deno.test("different names stay below the threshold of a hit", () => {
  assert(nameScore(normalName("Apple Inc"), normalName("Banco Nacional de Cuba")) < .85);
});

Deno.test("Soundex is the American one", () => {
  assertEquals(
    ["ROBERT", "RUPERT", "RUBIN", "ASHCRAFT", "TYMCZAK", "PFISTER", "HONEYMAN"].map(soundex),
    ["R163", "R163", "R150", "A261", "T522", "P236", "H555"],
  );
  assertEquals(soundex("Ж"), "");
});
