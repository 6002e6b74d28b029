import path from "node:path";
import { pathToFileURL } from "node:url";

/** Where an import leads: a file of ours, or a path inside an npm package. */
export type Resolved =
  | { kind: "file"; filePath: string }
  | { kind: "npm"; packageDir: string; packageName: string; subpath: string };

interface GraphModule {
  specifier: string;
  kind: string;
  npmPackage?: string;
  dependencies?: { specifier: string; code?: { specifier?: string } }[];
}

interface NpmPackage {
  name: string;
  version: string;
  dependencies: string[];
  localPath: string;
}

interface Info {
  modules: GraphModule[];
  redirects: Record<string, string>;
  npmPackages: Record<string, NpmPackage>;
}

/**
 * The modules that some files import, resolved by Deno itself, so that the bundler sees the same
 * import map, links and npm versions as the server does.
 */
export class ModuleGraph {
  readonly #modules: Map<string, GraphModule>;
  readonly #redirects: Record<string, string>;
  readonly #packages: Map<string, NpmPackage>;

  private constructor(info: Info) {
    this.#modules = new Map(info.modules.map((module) => [module.specifier, module]));
    this.#redirects = info.redirects ?? {};
    this.#packages = new Map(Object.entries(info.npmPackages ?? {}));
  }

  /** Asks Deno for the graph of the files, under the project's configuration. */
  static async of(filePaths: string[], configPath: string): Promise<ModuleGraph> {
    const dir = await Deno.makeTempDir({ prefix: "fresh-graph-" });
    try {
      const entry = path.join(dir, "entry.ts");
      const imports = filePaths.map((file) =>
        `import ${JSON.stringify(pathToFileURL(file).href)};`
      );
      await Deno.writeTextFile(entry, imports.join("\n"));
      const { success, stdout, stderr } = await new Deno.Command(
        Deno.execPath(),
        {
          args: [
            "info",
            "--json",
            "--config",
            configPath,
            ...await lockArgs(configPath),
            entry,
          ],
          cwd: path.dirname(configPath),
          env: { NO_COLOR: "1" },
        },
      ).output();
      const decoder = new TextDecoder();
      if (!success) {
        throw new Error(`Cannot resolve the islands: ${decoder.decode(stderr)}`);
      }
      return new ModuleGraph(JSON.parse(decoder.decode(stdout)));
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  }

  /** What `specifier` means in the file at `importer`; `null` if the graph does not know. */
  resolve(specifier: string, importer: string): Resolved | null {
    const module = this.#modules.get(pathToFileURL(importer).href);
    if (module === undefined) {
      return this.#resolveInPackage(specifier, importer);
    }
    const dependency = module.dependencies?.find((entry) => entry.specifier === specifier);
    const target = this.#follow(dependency?.code?.specifier);
    if (target === null) return null;
    if (target.startsWith("file:")) {
      return { kind: "file", filePath: fromFileUrl(target) };
    }
    const npmPackage = this.#packages.get(this.#modules.get(target)?.npmPackage ?? "");
    if (npmPackage === undefined) return null;
    const { name, version } = npmPackage;
    return inPackage(npmPackage, target.slice(`npm:/${name}@${version}`.length));
  }

  #follow(specifier: string | undefined): string | null {
    if (specifier === undefined) return null;
    return this.#redirects[specifier] ?? specifier;
  }

  #resolveInPackage(specifier: string, importer: string): Resolved | null {
    const own = [...this.#packages.values()].find(({ localPath }) =>
      importer.startsWith(localPath + path.sep)
    );
    if (own === undefined) return null;
    const reachable = own.dependencies.map((id) => this.#packages.get(id));
    for (const candidate of [own, ...reachable]) {
      if (candidate === undefined) continue;
      const { name } = candidate;
      if (specifier === name || specifier.startsWith(`${name}/`)) {
        return inPackage(candidate, specifier.slice(name.length));
      }
    }
    return null;
  }
}

/** Resolves by the project's lock file, and does not make one where there is none. */
async function lockArgs(configPath: string): Promise<string[]> {
  const lock = path.join(path.dirname(configPath), "deno.lock");
  const exists = await Deno.stat(lock).then(() => true, () => false);
  return exists ? [] : ["--no-lock"];
}

function inPackage(npmPackage: NpmPackage, subpath: string): Resolved {
  return { kind: "npm", packageDir: npmPackage.localPath, packageName: npmPackage.name, subpath };
}

function fromFileUrl(url: string): string {
  return path.normalize(decodeURIComponent(new URL(url).pathname));
}
