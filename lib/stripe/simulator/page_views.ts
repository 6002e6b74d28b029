import { createHash } from "node:crypto";
import { formatMinor } from "@/lib/domain/money.ts";
import { fromDecimalMinor } from "../decimal_amount.ts";
import { formatAmount } from "@/lib/domain/money.ts";
import type { CheckoutSessionDoc, CustomerDoc, InvoiceDoc, PriceDoc } from "./documents.ts";
import { amountDue } from "./invoice_view.ts";
import { linesOf } from "./invoice_lines.ts";
import { existingPrice } from "./prices.ts";
import type { Transaction } from "./state.ts";

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --accent: #3b5bdb; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; padding: 2rem 1rem; }
main { max-width: 40rem; margin: 0 auto; }
h1 { font-size: 1.4rem; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
table { width: 100%; border-collapse: collapse; margin: 1rem 0; }
th, td { text-align: left; padding: .5rem .25rem; border-bottom: 1px solid var(--line); }
td:last-child, th:last-child { text-align: right; font-variant-numeric: tabular-nums; }
form { display: inline-block; margin: 0 .5rem .5rem 0; }
button { font: inherit; padding: .6rem 1.2rem; border-radius: .4rem; border: 1px solid var(--line);
  background: none; color: inherit; cursor: pointer; }
button.primary { background: var(--accent); border-color: var(--accent); color: #fff; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.note { border-left: 4px solid var(--accent); padding: .25rem .75rem; }
.small { font-size: .85rem; opacity: .8; }
`;

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** No scripts, no frames, nothing from elsewhere; the one style sheet is allowed by its hash. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'`,
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

export function checkoutPage(
  tx: Transaction,
  session: CheckoutSessionDoc,
  note: string | null,
): string {
  const rows = session.lineItems.map((item) => {
    const price = existingPrice(tx, item.price);
    return `<tr><td>${escape(labelOf(tx, price))}</td><td>${escape(priceText(price))}</td></tr>`;
  });
  return page("Subscribe", [
    noteOf(note),
    `<table><caption class="small">What you subscribe to</caption><thead><tr>`,
    `<th scope="col">Item</th><th scope="col">Price</th></tr></thead>`,
    `<tbody>${rows.join("")}</tbody></table>`,
    button("pay", "Pay with a test card", true),
    button("decline", "Use a card that is declined"),
    button("cancel", "Go back"),
  ]);
}

export function portalPage(
  tx: Transaction,
  { customer, invoices, returnUrl }: {
    customer: CustomerDoc;
    invoices: readonly { invoice: InvoiceDoc; url: string }[];
    returnUrl: string | null;
  },
): string {
  const card = customer.card === null
    ? "None yet"
    : customer.card === "pays"
    ? "Test card that pays"
    : "Test card that is declined";
  const live = [...tx.all("subscriptions")].filter((subscription) =>
    subscription.customer === customer.id && subscription.endedAtMs === null
  );
  const rows = invoices.map(({ invoice, url }) =>
    `<tr><td><a href="${escape(url)}">${escape(invoice.number ?? invoice.id)}</a></td>` +
    `<td>${invoice.status}</td><td>${money(amountDue(invoice), invoice.currency)}</td></tr>`
  );
  return page(`Billing of ${customer.name ?? customer.id}`, [
    `<h2>Payment method</h2><p>${card}</p>`,
    button("card", "Use a card that pays", true, ["card", "pays"]),
    button("card", "Use a card that is declined", false, ["card", "declines"]),
    `<h2>Subscription</h2>`,
    live.length === 0 ? "<p>None</p>" : `<p>${live.map(({ status }) => status).join(", ")}</p>` +
      button("cancel", "Cancel the subscription now"),
    `<h2>Invoices</h2>`,
    rows.length === 0
      ? "<p>None yet</p>"
      : `<table><thead><tr><th scope="col">Number</th><th scope="col">Status</th>` +
        `<th scope="col">Amount</th></tr></thead><tbody>${rows.join("")}</tbody></table>`,
    returnUrl === null ? "" : `<p><a href="${escape(safeUrl(returnUrl))}">Back</a></p>`,
  ]);
}

export function invoicePage(tx: Transaction, invoice: InvoiceDoc, note: string | null): string {
  const rows = linesOf(tx, invoice).map((line) =>
    `<tr><td>${escape(line.description)}</td><td>${money(line.amount, invoice.currency)}</td></tr>`
  );
  const credit = invoice.creditsApplied === 0
    ? ""
    : `<tr><td>Credit</td><td>${money(-invoice.creditsApplied, invoice.currency)}</td></tr>`;
  return page(`Invoice ${invoice.number ?? invoice.id}`, [
    noteOf(note),
    `<p>${invoice.status}</p><table><thead><tr><th scope="col">Line</th>`,
    `<th scope="col">Amount</th></tr></thead><tbody>${rows.join("")}${credit}</tbody>`,
    `<tfoot><tr><th scope="row">Total</th>`,
    `<td>${money(amountDue(invoice), invoice.currency)}</td></tr></tfoot></table>`,
    invoice.status === "open" ? button("pay", "Pay", true) : "",
  ]);
}

export function messagePage(message: string): string {
  return page(message, []);
}

function page(title: string, parts: readonly string[]): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}` +
    `</title><meta name="viewport" content="width=device-width, initial-scale=1">` +
    `<style>${STYLE}</style></head><body><main><h1>${escape(title)}</h1>${parts.join("")}` +
    `<p class="small">Simulated. No real money moves.</p></main></body></html>`;
}

function button(
  action: string,
  label: string,
  primary = false,
  field: readonly [string, string] | null = null,
): string {
  const extra = field === null
    ? ""
    : `<input type="hidden" name="${field[0]}" value="${field[1]}">`;
  return `<form method="post">${extra}<button name="action" value="${action}"` +
    `${primary ? ' class="primary"' : ""}>${escape(label)}</button></form>`;
}

function noteOf(note: string | null): string {
  return note === null ? "" : `<p class="note" role="alert">${escape(note)}</p>`;
}

function labelOf(tx: Transaction, price: PriceDoc): string {
  return price.nickname ?? tx.get("products", price.product)?.name ?? price.product;
}

function priceText(price: PriceDoc): string {
  const per = price.interval === null ? "" : ` / ${price.interval}`;
  if (price.tiers !== null) return `by tier${per}`;
  const amount = fromDecimalMinor(price.unitAmountDecimal ?? "0") ?? 0n;
  const unit = price.divideBy !== null
    ? ` per ${price.divideBy} units`
    : price.usageType === "metered"
    ? " per unit"
    : "";
  return `${formatAmount(amount, price.currency)}${unit}${per}`;
}

function money(minor: number, currency: string): string {
  return escape(formatMinor(BigInt(minor), currency));
}

/** Links to somewhere a browser can go, and to nothing that runs. */
function safeUrl(url: string): string {
  return /^https?:\/\//.test(url) ? url : "#";
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
