import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { App, staticFiles } from "fresh";
import { Builder } from "fresh/dev";
import { app } from "./fixtures/app/main.ts";
import { Client, filesBelow, FIXTURE, withProject } from "./support.ts";

const ROUTES = { "routes/index.ts": "export const handler = () => new Response('hi');" };
Deno.test("a build in memory writes nothing into the project", async () => {
  await withProject(ROUTES, async (root) => {
    const apply = await new Builder({ root }).build({ snapshot: "memory" });
    const app = new App().fsRoutes();
    apply(app);
    assertEquals(await new Client(app).text("/"), "hi");
    assertEquals(await filesBelow(root), ["routes/index.ts"]);
  });
});

Deno.test("build() sets the mode and root of the app", async () => {
  await withProject(ROUTES, async (root) => {
    const app = new App();
    (await new Builder({ root }).build({ mode: "development", snapshot: "memory" }))(app);
    assertEquals([app.config.mode, app.config.root], ["development", root]);
  });
});

Deno.test("what a build on disk returns names the server module to start", async () => {
  await withProject(ROUTES, async (root) => {
    const apply = await new Builder({ root }).build();
    const error = assertThrows(() => apply(new App()), Error);
    assertStringIncludes(error.message, "_fresh/server.js");
  });
});

Deno.test("other folders can be named for routes, static files and islands", async () => {
  await withProject({
    "pages/index.ts": "export const handler = () => new Response('page');",
    "public/a.txt": "one",
    "assets/a.txt": "two",
    "assets/b.txt": "b",
  }, async (root) => {
    const builder = new Builder({ root, routeDir: "pages", staticDir: ["public", "assets"] });
    const app = new App().use(staticFiles()).fsRoutes();
    (await builder.build({ snapshot: "memory" }))(app);
    const client = new Client(app);
    assertEquals(await client.text("/"), "page");
    assertEquals(await client.text("/a.txt"), "two");
    assertEquals(await client.text("/b.txt"), "b");
  });
});

Deno.test("a transformer changes the static files that it asks for", async () => {
  await withProject({ "static/a.txt": "a", "static/b.md": "b" }, async (root) => {
    const builder = new Builder({ root });
    builder.onTransformStaticFile({ pluginName: "upper", filter: /\.txt$/ }, (args) => ({
      content: `${args.text.toUpperCase()} in ${args.mode}`,
    }));
    const app = new App().use(staticFiles());
    (await builder.build({ snapshot: "memory" }))(app);
    assertEquals(await new Client(app).text("/a.txt"), "A in production");
    assertEquals(await new Client(app).text("/b.md"), "b");
  });
});

Deno.test("islands of route folders and registered files are marked and bundled", async () => {
  const island = (name: string) => `export default function ${name}() { return <p>${name}</p>; }`;
  await withProject({
    "routes/a/(_islands)/Near.tsx": island("Near"),
    "widgets/Far.tsx": island("Far"),
    "routes/a/index.tsx": `import Near from "./(_islands)/Near.tsx";
      import Far from "../../widgets/Far.tsx";
      export default () => <div><Near /><Far /></div>;`,
  }, async (root) => {
    const builder = new Builder({ root });
    builder.registerIsland("widgets/Far.tsx");
    const app = new App().use(staticFiles()).fsRoutes();
    (await builder.build({ snapshot: "memory" }))(app);
    const html = await new Client(app).text("/a");
    assertStringIncludes(html, "<!--frsh:island:Near:0:--><p>Near</p><!--/frsh:island-->");
    assertStringIncludes(html, "<!--frsh:island:Far:1:--><p>Far</p><!--/frsh:island-->");
  });
});

Deno.test("islands of one file name get names of their own", async () => {
  const island = (text: string) => `export default () => <p>${text}</p>;`;
  await withProject({
    "islands/a/Box.tsx": island("a"),
    "islands/b/Box.tsx": island("b"),
    "routes/index.tsx": `import A from "../islands/a/Box.tsx";
      import B from "../islands/b/Box.tsx";
      export default () => <div><A /><B /></div>;`,
  }, async (root) => {
    const app = new App().fsRoutes();
    (await new Builder({ root }).build({ snapshot: "memory" }))(app);
    const html = await new Client(app).text("/");
    assertStringIncludes(html, "frsh:island:Box:0:--><p>a");
    assertStringIncludes(html, "frsh:island:Box_1:1:--><p>b");
  });
});

Deno.test("islands share the npm packages that they import", async () => {
  const island = (name: string) =>
    `import { useSignal } from "@preact/signals";
    import { useId } from "preact/hooks";
    export default function ${name}() {
      const count = useSignal(1);
      return <p id={useId()}>{count}</p>;
    }`;
  await withProject({
    "islands/One.tsx": island("One"),
    "islands/Two.tsx": island("Two"),
    "routes/index.tsx": `import One from "../islands/One.tsx";
      export default () => <One />;`,
  }, async (root) => {
    const app = new App().use(staticFiles()).fsRoutes();
    (await new Builder({ root }).build({ snapshot: "memory" }))(app);
    const client = new Client(app);
    const link = (await client.get("/")).headers.get("link") ?? "";
    const bundle = await client.text(/<([^>]+\/One-[^>]+)>/.exec(link)?.[1] ?? "");
    assert(bundle.length < 1_000, "Preact is in a shared chunk");
    assertStringIncludes(bundle, "chunk-");
  });
});

Deno.test("an island that imports what the browser lacks does not build", async () => {
  await withProject({
    "islands/Bad.tsx": `import "node:fs"; export default () => <p>bad</p>;`,
  }, async (root) => {
    await assertRejects(
      () => new Builder({ root }).build({ snapshot: "memory" }),
      Error,
      "node:fs",
    );
  });
});

async function fixtureClient(): Promise<Client> {
  const apply = await new Builder({ root: FIXTURE }).build({ snapshot: "memory" });
  const fixture = new App().fsRoutes();
  apply(fixture);
  return new Client(fixture);
}

Deno.test("an island with JSX as a child is a 500 that names island and prop", async () => {
  const response = await (await fixtureClient()).get("/jsx_prop");
  assertEquals(response.status, 500);
  const html = await response.text();
  assertStringIncludes(html, "islands (Slot)");
  assertStringIncludes(html, "props[0].children is JSX");
});

Deno.test("an island with a function prop is a 500 that names the prop", async () => {
  const response = await (await fixtureClient()).get("/function_prop");
  assertEquals(response.status, 500);
  assertStringIncludes(await response.text(), "props[0].count is a function");
});

Deno.test("markers and scripts are on pages with islands only", async () => {
  (await new Builder({ root: FIXTURE }).build({ snapshot: "memory" }))(app);
  const client = new Client(app);
  const page = await client.get("/static");
  assertEquals(page.headers.get("link"), null);
  const html = await page.text();
  assert(!html.includes("<script") && !html.includes("frsh:"), html);
});

Deno.test("an island inside an island has no marker of its own", async () => {
  const html = await (await fixtureClient()).text("/nested");
  assertEquals(html.match(/<!--frsh:island:/g)?.length, 1);
  assertEquals(html.match(/<!--\/frsh:island-->/g)?.length, 1);
});

Deno.test("props cannot end the script element that carries them", async () => {
  const html = await (await fixtureClient()).text("/values");
  assertEquals(html.match(/<\/script>/g)?.length, 1);
  const script = html.slice(html.indexOf("boot("));
  assert(!script.includes("<!--"), script);
});

Deno.test("Head inside an island throws a sentence", async () => {
  await withProject({
    "islands/Titled.tsx": `import { Head } from "fresh/runtime";
      export default () => <div><Head><title>x</title></Head></div>;`,
    "routes/index.tsx": `import Titled from "../islands/Titled.tsx";
      export default () => <Titled />;`,
    "routes/_error.tsx": "export default ({ error }) => <p>{error.message}</p>;",
  }, async (root) => {
    const app = new App().fsRoutes();
    (await new Builder({ root }).build({ snapshot: "memory" }))(app);
    assertStringIncludes(await new Client(app).text("/"), "inside an island is not implemented");
  });
});

Deno.test("a project without jsxImportSource does not build", async () => {
  await withProject({ "deno.json": '{ "compilerOptions": {} } // no JSX' }, async (root) => {
    await assertRejects(
      () => new Builder({ root }).build({ snapshot: "memory" }),
      Error,
      "jsxImportSource",
    );
  });
});

Deno.test("precompiled JSX must leave out the elements that Fresh changes", async () => {
  const config = { jsx: "precompile", jsxImportSource: "preact", jsxPrecompileSkipElements: ["a"] };
  await withProject({ "deno.json": JSON.stringify({ compilerOptions: config }) }, async (root) => {
    await assertRejects(
      () => new Builder({ root }).build({ snapshot: "memory" }),
      Error,
      "lacks img, source, body",
    );
  });
});

Deno.test("remote islands are refused", () => {
  assertThrows(
    () => new Builder({ root: FIXTURE }).registerIsland("jsr:@a/b"),
    Error,
    "project only",
  );
});
