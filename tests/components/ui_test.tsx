import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { renderToString } from "preact-render-to-string";
import { AppShell, type ShellProps } from "@/components/ui/AppShell.tsx";
import { ConfirmForm } from "@/components/ui/ConfirmForm.tsx";
import { DateTime } from "@/components/ui/DateTime.tsx";
import { Form } from "@/components/ui/Form.tsx";
import { HtmlPage } from "@/components/ui/HtmlPage.tsx";
import { Money } from "@/components/ui/Money.tsx";
import { StaleBadge } from "@/components/ui/StaleBadge.tsx";
import { Table } from "@/components/ui/Table.tsx";
import { TextField } from "@/components/ui/Field.tsx";
import { Units } from "@/components/ui/Units.tsx";
import { type Viewer, ViewerContext } from "@/components/ui/viewer.ts";
import type { ComponentChildren } from "preact";
import { HOSTILE_NAMES } from "../support/hostile_names.ts";

const VIEWER: Viewer = {
  locale: "en-US",
  timeZone: "America/New_York",
  nowMs: Date.UTC(2026, 10, 24, 15, 32, 5),
  csrfToken: "token-1",
};

Deno.test("a POST form carries the session's token and a GET form does not", () => {
  const form = (method: "get" | "post") => render(<Form action="/x" method={method}>fields</Form>);
  assertStringIncludes(form("post"), 'name="csrf_token" value="token-1"');
  assertFalse(form("get").includes("csrf_token"));
});

Deno.test("money is shown as billed, or with every digit of a unit price", () => {
  const amount = 1_250_000_000_000n;
  assertStringIncludes(render(<Money amount={amount} currency="usd" />), ">$0.01<");
  assertStringIncludes(render(<Money amount={amount} currency="usd" exact />), ">$0.0125<");
});

Deno.test("a count too large for a number keeps every digit", () => {
  assertStringIncludes(render(<Units units={9_007_199_254_740_993n} />), "9,007,199,254,740,993");
});

Deno.test("times are in the viewer's zone, and billing periods in UTC", () => {
  const midnight = Date.UTC(2026, 10, 1);
  assertStringIncludes(render(<DateTime atMs={midnight} style="date" />), "Oct 31, 2026");
  const utc = render(<DateTime atMs={midnight} style="date" utc />);
  assertStringIncludes(utc, "Nov 1, 2026");
  assertStringIncludes(utc, 'datetime="2026-11-01T00:00:00.000Z"');
});

Deno.test("figures older than their limit say that they are not current", () => {
  const badge = (age: number) =>
    render(<StaleBadge asOfMs={VIEWER.nowMs - age} staleAfterMs={60_000} />);
  assertFalse(badge(59_000).includes("not current"));
  assertStringIncludes(badge(61_000), "not current");
});

Deno.test("a confirmation's pattern takes its phrase and nothing else, whatever signs it has", () => {
  for (const phrase of ["revoke", "a.b*c", "x[y]{z}", "50 % & more", "(=^.^=)"]) {
    const html = render(
      <ConfirmForm id="c" action="/x" phrase={phrase} submit="Go">text</ConfirmForm>,
    );
    const pattern = unescape(/pattern="([^"]*)"/.exec(html)?.[1] ?? "");
    const checked = new RegExp(`^(?:${pattern})$`, "v");
    assert(checked.test(phrase), `${phrase} does not match its own pattern`);
    assertFalse(checked.test(`${phrase}x`));
  }
});

Deno.test("a field is tied to its label, hint and error", () => {
  const html = render(
    <TextField name="ips" label="Addresses" hint="One a line" error="No range" />,
  );
  assertStringIncludes(html, '<label for="f-ips">Addresses</label>');
  assertStringIncludes(html, 'aria-describedby="f-ips-hint f-ips-error"');
  assertStringIncludes(html, 'aria-invalid="true"');
});

Deno.test("a table names its rows and columns, and says when it is empty", () => {
  const table = (rows: readonly string[]) =>
    render(
      <Table
        caption="Words"
        rows={rows}
        rowKey={(row) => row}
        empty={<p>No words</p>}
        columns={[{ key: "w", label: "Word", header: true, cell: (row) => row }]}
      />,
    );
  assertStringIncludes(table(["a"]), 'data-label="Word"><div>a</div></th>');
  assertStringIncludes(table(["a"]).replaceAll(/ +>/g, ">"), '<th scope="col">Word</th>');
  assertEquals(table([]), "<p>No words</p>");
});

Deno.test("a tenant's colour reaches the style sheet only when it is a colour", () => {
  assertStringIncludes(shell({ color: "#2f6f4e" }), "<style>:root{--brand:#2f6f4e}</style>");
  for (const color of ["red", "#fff", "#2f6f4e}body{display:none", "url(x)", ""]) {
    assertFalse(shell({ color }).includes("<style>"), color);
  }
});

Deno.test("hostile names stay text in the frame of a page", () => {
  for (const name of HOSTILE_NAMES) {
    const html = shell({ name });
    assertFalse(html.includes("<script>alert"), name);
    assertFalse(html.includes("<img src=x"), name);
  }
});

Deno.test("the theme is an attribute of the document, so no theme flashes", () => {
  const page = (theme: "system" | "dark") =>
    renderToString(
      <HtmlPage title="T" lang="en" theme={theme} asset={(path) => path}>text</HtmlPage>,
    );
  assertStringIncludes(page("dark"), 'data-theme="dark"');
  assertFalse(page("system").includes("data-theme"));
});

function shell(brand: { name?: string; color?: string }): string {
  const props: ShellProps = {
    viewer: VIEWER,
    theme: "system",
    brand: { name: "N", logoUrl: null, color: null, href: "/", ...brand },
    nav: [],
    current: "",
    person: { name: brand.name ?? "P", role: "Owner" },
    signOutHref: "/out",
    flash: { tone: "good", text: brand.name ?? "done" },
    impersonation: null,
  };
  return renderToString(<AppShell {...props}>content</AppShell>);
}

function render(children: ComponentChildren): string {
  return renderToString(
    <ViewerContext.Provider value={VIEWER}>{children}</ViewerContext.Provider>,
  );
}

function unescape(text: string): string {
  return text.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}
