import { assertStringIncludes } from "@std/assert";
import { captureConsole, withRoutes } from "./support.ts";

const page = (text: string) => `export default () => <p>${text}</p>;`;
const wrapper = (name: string) => `export default ({ Component }) => <>${name}/<Component /></>;`;

Deno.test("_app wraps every page, and _layout nests from the root to the leaf", async () => {
  await withRoutes({
    "routes/_app.tsx": wrapper("app"),
    "routes/_layout.tsx": wrapper("root"),
    "routes/foo/_layout.tsx": wrapper("foo"),
    "routes/foo/bar.tsx": page("bar"),
    "routes/foo.tsx": page("foo"),
  }, async (client) => {
    assertStringIncludes(await client.text("/foo/bar"), "<body>app/root/foo/<p>bar</p></body>");
    assertStringIncludes(await client.text("/foo"), "<body>app/root/<p>foo</p></body>");
  });
});

Deno.test("a page's config leaves out its app wrapper and layouts, for itself alone", async () => {
  const config = (text: string) => `export const config = ${text};\n`;
  await withRoutes({
    "routes/_app.tsx": wrapper("app"),
    "routes/_layout.tsx": wrapper("root"),
    "routes/bare.tsx": config("{ skipAppWrapper: true, skipInheritedLayouts: true }") + page("x"),
    "routes/no_app.tsx": config("{ skipAppWrapper: true }") + page("x"),
    "routes/plain.tsx": page("x"),
  }, async (client) => {
    assertStringIncludes(await client.text("/bare"), "<body><p>x</p></body>");
    assertStringIncludes(await client.text("/no_app"), "<body>root/<p>x</p></body>");
    assertStringIncludes(await client.text("/plain"), "<body>app/root/<p>x</p></body>");
  });
});

Deno.test("a layout's config leaves out what is above it", async () => {
  await withRoutes({
    "routes/_app.tsx": wrapper("app"),
    "routes/_layout.tsx": wrapper("root"),
    "routes/sub/_layout.tsx":
      `export const config = { skipAppWrapper: true, skipInheritedLayouts: true };${
        wrapper("sub")
      }`,
    "routes/sub/deep/_layout.tsx": wrapper("deep"),
    "routes/sub/deep/index.tsx": page("x"),
  }, async (client) => {
    assertStringIncludes(await client.text("/sub/deep"), "<body>sub/deep/<p>x</p></body>");
  });
});

Deno.test("a layout file with a handler is used, with a warning", async () => {
  const log = await captureConsole("warn", async () => {
    await withRoutes({
      "routes/_layout.tsx": `export const handler = () => new Response("no");${wrapper("l")}`,
      "routes/index.tsx": page("x"),
    }, async (client) => assertStringIncludes(await client.text("/"), "l/<p>x</p>"));
  });
  assertStringIncludes(String(log[0]?.[0]), "Layout does not support handlers");
});
