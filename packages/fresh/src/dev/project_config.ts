import path from "node:path";

/** The `deno.json` that decides how the project's modules are resolved and compiled. */
export interface ProjectConfig {
  filePath: string;
  jsxImportSource: string;
}

const NOT_PRECOMPILED = [
  "a",
  "img",
  "source",
  "body",
  "html",
  "head",
  "title",
  "meta",
  "script",
  "link",
  "style",
  "base",
  "noscript",
  "template",
];

/** Finds the nearest `deno.json` with compiler options and checks that JSX is set up for Preact. */
export async function readProjectConfig(root: string): Promise<ProjectConfig> {
  for (let dir = root;; dir = path.dirname(dir)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const filePath = path.join(dir, name);
      const text = await readIfPresent(filePath);
      const options = text === null ? undefined : parseJsonc(text).compilerOptions;
      if (options !== undefined) {
        return { filePath, jsxImportSource: checkJsx(options, filePath) };
      }
    }
    if (path.dirname(dir) === dir) break;
  }
  throw new Error(`No deno.json with "compilerOptions" found in ${root} or above`);
}

interface CompilerOptions {
  jsx?: string;
  jsxImportSource?: string;
  jsxPrecompileSkipElements?: string[];
}

function checkJsx(options: CompilerOptions, filePath: string): string {
  if (options.jsxImportSource === undefined) {
    throw new Error(`"compilerOptions.jsxImportSource" is missing in ${filePath}`);
  }
  if (options.jsx === "precompile") {
    const skipped = options.jsxPrecompileSkipElements ?? [];
    const missing = NOT_PRECOMPILED.filter((name) => !skipped.includes(name));
    if (missing.length > 0) {
      throw new Error(
        `"compilerOptions.jsxPrecompileSkipElements" in ${filePath} lacks ${missing.join(", ")}`,
      );
    }
  }
  return options.jsxImportSource;
}

async function readIfPresent(filePath: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(filePath);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

const STRING_OR_COMMENT = /("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
const STRING_OR_TRAILING_COMMA = /("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g;

function parseJsonc(text: string): { compilerOptions?: CompilerOptions } {
  return JSON.parse(text.replace(STRING_OR_COMMENT, "$1").replace(STRING_OR_TRAILING_COMMA, "$1"));
}
