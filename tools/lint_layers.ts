/** `deno lint` plugin: shows an import that crosses a layer the wrong way (see layers.ts). */
import { judgeImport } from "./layers.ts";

const ROOT = new URL("../", import.meta.url).pathname;

const plugin: Deno.lint.Plugin = {
  name: "clawmeter",
  rules: {
    layers: {
      create(context) {
        const path = context.filename.replaceAll("\\", "/");
        if (!path.startsWith(ROOT)) return {};
        const from = path.slice(ROOT.length);
        const report = (node: Deno.lint.Node, specifier: string, typeOnly: boolean) => {
          const message = judgeImport({ from, specifier, typeOnly });
          if (message !== null) context.report({ node, message });
        };
        return {
          ImportDeclaration(node) {
            report(node, node.source.value, node.importKind === "type");
          },
          ExportNamedDeclaration(node) {
            if (node.source) report(node, node.source.value, node.exportKind === "type");
          },
          ExportAllDeclaration(node) {
            report(node, node.source.value, node.exportKind === "type");
          },
        };
      },
    },
  },
};

export default plugin;
