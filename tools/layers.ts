/**
 * Which room may import from which. The lint plugin shows a breach while typing; the architecture
 * test judges the whole tree. `main.ts`, `tests/`, `tools/` and `benchmarks/` may import anything.
 */

/** A room of the house: its folder, and the rooms whose values it may import. */
interface Layer {
  readonly folder: string;
  readonly mayImport: readonly string[];
  /** Rooms of which it may use types only. */
  readonly typesOf?: readonly string[];
  readonly packages?: "none" | readonly string[];
}

const USE_CASES = [
  "lib/metering",
  "lib/billing",
  "lib/catalog",
  "lib/tenancy",
  "lib/auth",
  "lib/rating",
  "lib/i18n",
  "lib/sandbox",
  "lib/chores",
];

export const LAYERS: readonly Layer[] = [
  { folder: "lib/domain", mayImport: ["lib/domain"], packages: "none" },
  { folder: "lib/i18n", mayImport: ["lib/i18n", "lib/domain"], packages: "none" },
  { folder: "lib/ports", mayImport: ["lib/ports", "lib/domain"], packages: "none" },
  ...USE_CASES.filter((folder) => folder !== "lib/i18n").map((folder) => ({
    folder,
    mayImport: [...USE_CASES, "lib/ports", "lib/domain"],
    ...folder === "lib/sandbox" ? { typesOf: ["lib/services.ts"] } : {},
  })),
  { folder: "lib/kv", mayImport: ["lib/kv", "lib/ports", "lib/domain"], packages: [] },
  { folder: "lib/stripe", mayImport: ["lib/stripe", "lib/ports", "lib/domain"] },
  { folder: "lib/platform", mayImport: ["lib/platform", "lib/ports", "lib/domain"] },
  {
    folder: "lib/http",
    mayImport: ["lib/http", ...USE_CASES, "lib/ports", "lib/domain"],
    typesOf: ["lib/services.ts", "lib/platform"],
  },
  {
    folder: "lib/portal",
    mayImport: ["lib/portal", ...USE_CASES, "lib/ports", "lib/domain"],
    typesOf: ["lib/services.ts", "components", "islands"],
  },
  {
    folder: "lib/operator",
    mayImport: ["lib/operator", "lib/portal", ...USE_CASES, "lib/ports", "lib/domain"],
    typesOf: ["lib/services.ts", "components", "islands"],
  },
  {
    folder: "components",
    mayImport: ["components", "lib/domain", "lib/i18n"],
    typesOf: ["lib"],
  },
  {
    folder: "islands",
    mayImport: ["islands", "components", "lib/domain", "lib/i18n"],
    typesOf: ["lib"],
  },
  {
    folder: "routes",
    mayImport: [
      "routes",
      "islands",
      "components",
      "lib/http",
      "lib/portal",
      "lib/operator",
      ...USE_CASES,
      "lib/ports",
      "lib/domain",
    ],
    typesOf: ["lib/services.ts"],
  },
];

/** Packages with one room of their own. */
const OWNED_PACKAGES: Readonly<Record<string, string>> = {
  stripe: "lib/stripe",
  nodemailer: "lib/platform",
};

export interface ImportUse {
  /** Repository path of the importing file, forward slashes. */
  readonly from: string;
  /** The specifier as written. */
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** A sentence that says what is wrong with the import, or `null`. */
export function judgeImport({ from, specifier, typeOnly }: ImportUse): string | null {
  const layer = LAYERS.find(({ folder }) => within(from, folder));
  if (layer === undefined) return null;
  const target = repositoryPath(from, specifier);
  if (target === null) return judgePackage(layer, specifier);
  if (layer.mayImport.some((room) => within(target, room))) return null;
  if (typeOnly && (layer.typesOf ?? []).some((room) => within(target, room))) return null;
  return `${layer.folder} must not import ${target}${typeOnly ? " (types)" : ""}; it may import ${
    layer.mayImport.join(", ")
  }`;
}

function judgePackage(layer: Layer, specifier: string): string | null {
  const name = specifier.replace(/^(npm:|jsr:)/, "");
  if (layer.packages === "none") return `${layer.folder} is pure: it must not import ${specifier}`;
  const owner = Object.entries(OWNED_PACKAGES).find(([pkg]) =>
    name === pkg || name.startsWith(`${pkg}/`)
  );
  if (owner !== undefined && owner[1] !== layer.folder) {
    return `Only ${owner[1]} may import ${owner[0]}`;
  }
  return null;
}

/** Adapters never import one another; `null` for packages and built-in modules. */
function repositoryPath(from: string, specifier: string): string | null {
  if (specifier.startsWith("@/")) return specifier.slice(2);
  if (!specifier.startsWith(".")) return null;
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

function within(path: string, room: string): boolean {
  return path === room || path.startsWith(`${room}/`);
}
