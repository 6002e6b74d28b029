import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { App, csp, type PageProps } from "fresh";
import { asset, assetSrcSet, Head, IS_BROWSER, Partial } from "fresh/runtime";
import type { VNode } from "preact";
import { captureConsole, Client } from "./support.ts";

type Props = PageProps<unknown, unknown>;

const Shell = ({ Component }: Props) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <title>shell</title>
      <meta name="description" content="shell" />
    </head>
    <body>
      app/<Component />
    </body>
  </html>
);

function pageIn(shell: typeof Shell | null, page: () => VNode): Client {
  const app = new App();
  if (shell !== null) app.appWrapper(shell);
  return new Client(app.get("/", (ctx) => ctx.render(page())));
}

Deno.test("the app wrapper and layouts wrap the page, outermost first", async () => {
  const app = new App()
    .appWrapper(Shell)
    .layout("/", ({ Component }) => (
      <>
        root/<Component />
      </>
    ))
    .layout("/a", ({ Component }) => (
      <>
        a/<Component />
      </>
    ))
    .get("/a/b", (ctx) => ctx.render(<>page</>));
  assertStringIncludes(await new Client(app).text("/a/b"), "<body>app/root/a/page</body>");
});

Deno.test("a layout of a path wraps the route at that very path too", async () => {
  const app = new App()
    .layout("/", ({ Component }) => (
      <>
        root/<Component />
      </>
    ))
    .layout("/a", ({ Component }) => (
      <>
        a/<Component />
      </>
    ))
    .get("/a", (ctx) => ctx.render(<>page</>));
  assertStringIncludes(await new Client(app).text("/a"), "<body>root/a/page</body>");
});

Deno.test("ctx.render() can leave out the app wrapper and the layouts", async () => {
  const app = new App()
    .appWrapper(Shell)
    .layout("/", ({ Component }) => (
      <>
        layout/<Component />
      </>
    ))
    .get(
      "/",
      (ctx) =>
        ctx.render(<>page</>, undefined, { skipAppWrapper: true, skipInheritedLayouts: true }),
    )
    .get("/layout", (ctx) => ctx.render(<>page</>, undefined, { skipAppWrapper: true }));
  assertStringIncludes(await new Client(app).text("/"), "<body>page</body>");
  assertStringIncludes(await new Client(app).text("/layout"), "<body>layout/page</body>");
});

Deno.test("a layout's config leaves out what is around it", async () => {
  const app = new App()
    .appWrapper(Shell)
    .layout("/", ({ Component }) => (
      <>
        root/<Component />
      </>
    ))
    .layout("/a", ({ Component }) => (
      <>
        a/<Component />
      </>
    ), { skipAppWrapper: true, skipInheritedLayouts: true })
    .get("/a/b", (ctx) => ctx.render(<>page</>));
  assertStringIncludes(await new Client(app).text("/a/b"), "<body>a/page</body>");
});

Deno.test("a route registered before a layout is not wrapped by it", async () => {
  const app = new App().get("/a/b", (ctx) => ctx.render(<>page</>))
    .layout("/", ({ Component }) => (
      <>
        late/<Component />
      </>
    ));
  assertStringIncludes(await new Client(app).text("/a/b"), "<body>page</body>");
});

Deno.test("what a middleware renders after next() is wrapped in its own layouts only", async () => {
  const app = new App()
    .layout("/", ({ Component }) => (
      <>
        root/<Component />
      </>
    ))
    .use(async (ctx) => {
      await ctx.next();
      return await ctx.render(<>middleware</>);
    })
    .layout("/a", ({ Component }) => (
      <>
        a/<Component />
      </>
    ))
    .get("/a/b", () => new Response());
  assertStringIncludes(await new Client(app).text("/a/b"), "<body>root/middleware</body>");
});

Deno.test("layouts and app wrappers get the request's props", async () => {
  const app = new App<{ user: string }>()
    .use((ctx) => {
      ctx.state.user = "ada";
      return ctx.next();
    })
    .layout("*", ({ state, url, route, Component }) => (
      <>
        {state.user} {url.pathname} {route} <Component />
      </>
    ))
    .get("/x/:id", (ctx) => ctx.render(<>page</>));
  assertStringIncludes(await new Client(app).text("/x/1"), "ada /x/1 /x/:id page");
});

Deno.test("an async component is awaited, and may answer with a response", async () => {
  const app = new App()
    .route("/page", {
      component: async () => {
        await Promise.resolve();
        return <p>async</p>;
      },
    })
    .route("/response", { component: async () => await Promise.resolve(new Response("direct")) });
  assertStringIncludes(await new Client(app).text("/page"), "<p>async</p>");
  assertEquals(await new Client(app).text("/response"), "direct");
});

Deno.test("an async layout may answer with a response in place of the page", async () => {
  const app = new App()
    .layout("/", async () => await Promise.resolve(new Response("login first")))
    .get("/", (ctx) => ctx.render(<>page</>));
  assertEquals(await new Client(app).text("/"), "login first");
});

const MARKUP = '"<b>';

Deno.test("text and attributes are escaped", async () => {
  const html = await pageIn(null, () => <p title={MARKUP}>{MARKUP}</p>).text("/");
  assertStringIncludes(html, '<p title="&quot;&lt;b>">&quot;&lt;b></p>');
});

Deno.test("Head moves its elements into the document's head", async () => {
  const html = await pageIn(Shell, () => (
    <div>
      <Head>
        <link rel="canonical" href="/c" />
      </Head>
      body
    </div>
  )).text("/");
  const [head = "", body = ""] = html.split("</head>");
  assertStringIncludes(head, '<link rel="canonical" href="/c"/>');
  assertNotMatch(body, /canonical/);
});

Deno.test("a title in Head replaces the app wrapper's", async () => {
  const html = await pageIn(Shell, () => (
    <Head>
      <title>page</title>
    </Head>
  )).text("/");
  assertEquals(html.match(/<title>.*?<\/title>/g), ["<title>page</title>"]);
});

Deno.test("of several titles the last one stays", async () => {
  const html = await pageIn(Shell, () => (
    <>
      <Head>
        <title>one</title>
      </Head>
      <Head>
        <title>two</title>
      </Head>
    </>
  )).text("/");
  assertEquals(html.match(/<title>.*?<\/title>/g), ["<title>two</title>"]);
});

Deno.test("a meta element in Head replaces its equal and leaves the others", async () => {
  const html = await pageIn(Shell, () => (
    <Head>
      <meta name="description" content="page" />
      <meta property="og:title" content="page" />
    </Head>
  )).text("/");
  assertEquals(html.match(/<meta name="description"[^>]*>/g), [
    '<meta name="description" content="page"/>',
  ]);
  assertStringIncludes(html, '<meta charset="utf-8"/>');
  assertStringIncludes(html, '<meta property="og:title" content="page"/>');
});

Deno.test("elements in Head with one key are deduplicated by it", async () => {
  const html = await pageIn(Shell, () => (
    <>
      <Head>
        <link key="icon" rel="icon" href="/a.png" />
      </Head>
      <Head>
        <link key="icon" rel="icon" href="/b.png" />
      </Head>
    </>
  )).text("/");
  assertEquals(html.match(/rel="icon"/g)?.length, 1);
  assertStringIncludes(html, "/b.png");
});

Deno.test("Head works without an app wrapper", async () => {
  const html = await pageIn(null, () => (
    <Head>
      <title>alone</title>
    </Head>
  )).text("/");
  assertMatch(html, /<head><meta charset="utf-8"\/><title>alone<\/title><\/head>/);
});

Deno.test("a component may stand between Head and its elements", async () => {
  const Title = ({ text }: { text: string }) => <title>{text}</title>;
  const html = await pageIn(Shell, () => (
    <Head>
      <Title text="from component" />
    </Head>
  )).text("/");
  assertEquals(html.match(/<title>.*?<\/title>/g), ["<title>from component</title>"]);
});

Deno.test("images and sources get the build id, unless they opt out", async () => {
  const html = await pageIn(null, () => (
    <>
      <img src="/a.png" srcset="/b.png 1x, /c.png 2x" />
      <source src="/d.mp4" />
      <img src="/e.png" data-fresh-disable-lock />
      <img src="https://example.com/f.png" />
    </>
  )).text("/");
  for (const name of ["a.png", "b.png", "c.png", "d.mp4"]) {
    assertMatch(html, new RegExp(`/${name}\\?__frsh_c=[0-9a-f]{40}`));
  }
  assertStringIncludes(html, 'src="/e.png"');
  assertStringIncludes(html, 'src="https://example.com/f.png"');
});

Deno.test("asset() keys rooted paths once and leaves others alone", () => {
  assertMatch(asset("/a.css"), /^\/a\.css\?__frsh_c=[0-9a-f]{40}$/);
  assertMatch(asset("/a.css?x=1#h"), /^\/a\.css\?x=1&__frsh_c=[0-9a-f]{40}#h$/);
  assertEquals(asset(asset("/a.css")), asset("/a.css"));
  for (const path of ["a.css", "//host/a.css", "https://host/a.css"]) {
    assertEquals(asset(path), path);
  }
});

Deno.test("assetSrcSet() keys every candidate", () => {
  assertMatch(
    assetSrcSet("/a.png 1x, /b.png 2x"),
    /^\/a\.png\?__frsh_c=\w+ 1x, \/b\.png\?__frsh_c=\w+ 2x$/,
  );
});

Deno.test("every script and style gets the nonce of its response", async () => {
  const app = new App().use(csp({ useNonce: true })).get("/", (ctx) =>
    ctx.render(
      <html>
        <head>
          <style>{"p{}"}</style>
        </head>
        <body>
          <script>1</script>
          <script nonce="own">2</script>
        </body>
      </html>,
    ));
  const response = await new Client(app).get("/");
  const nonce = /nonce-([0-9a-f]+)/.exec(response.headers.get("content-security-policy") ?? "")
    ?.[1];
  const html = await response.text();
  assert(nonce !== undefined);
  assertStringIncludes(html, `<style nonce="${nonce}">`);
  assertStringIncludes(html, `<script nonce="${nonce}">`);
  assertStringIncludes(html, '<script nonce="own">');
});

Deno.test("the nonce is new for every response and travels under a symbol only", async () => {
  const client = pageIn(null, () => <p>hi</p>);
  const nonces = await Promise.all([1, 2].map(async () => {
    const response = await client.get("/");
    assertEquals([...response.headers.keys()].filter((name) => name.includes("nonce")), []);
    return Reflect.get(response, Symbol.for("__freshNonce"));
  }));
  assertEquals(typeof nonces[0], "string");
  assert(nonces[0] !== nonces[1]);
});

Deno.test("rendering a Partial throws a sentence", async () => {
  const log = await captureConsole("error", async () => {
    const client = pageIn(null, () => <Partial name="list">x</Partial>);
    assertEquals((await client.get("/")).status, 500);
  });
  assertStringIncludes(String(log[0]?.[0]), '<Partial name="list"> is not implemented');
});

Deno.test("client navigation attributes throw a sentence", async () => {
  const log = await captureConsole("error", async () => {
    const client = pageIn(null, () => <body {...{ "f-client-nav": true }}>x</body>);
    assertEquals((await client.get("/")).status, 500);
  });
  assertStringIncludes(String(log[0]?.[0]), "no partials");
});

Deno.test("the server is not a browser", () => {
  assertEquals(IS_BROWSER, false);
});
