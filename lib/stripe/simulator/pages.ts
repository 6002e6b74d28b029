import { completeCheckout } from "./checkout.ts";
import type { CheckoutSessionDoc, InvoiceDoc } from "./documents.ts";
import type { Host, Scene } from "./endpoint.ts";
import { collectPayment } from "./invoice_billing.ts";
import { checkoutPage, invoicePage, messagePage, PAGE_HEADERS, portalPage } from "./page_views.ts";
import { StripeRefusal } from "./refusal.ts";
import type { OpenTransaction } from "./state.ts";
import { cancelNow } from "./subscription_billing.ts";
import { nowOf } from "./time.ts";

export interface PageDeps {
  readonly host: Host;
  readonly exclusively: <T>(change: (tx: OpenTransaction) => T) => Promise<T>;
}

/** What a page request ends in: another page, or somewhere else. */
type Outcome = { readonly html: string; readonly status?: number } | { readonly location: string };

const MAX_FORM_CHARACTERS = 10_000;
const PAGE_PATH = /^\/(checkout|portal|invoices)\/([A-Za-z0-9_]+)$/;

export function isPagePath(pathname: string): boolean {
  return PAGE_PATH.test(pathname);
}

/** The pages that people see at Stripe: checkout, customer portal, hosted invoice. */
export function createPages(deps: PageDeps): (request: Request) => Promise<Response> {
  return async (request) => {
    const url = new URL(request.url);
    const [, kind = "", id = ""] = PAGE_PATH.exec(url.pathname) ?? [];
    if (url.searchParams.get("token") !== deps.host.token(id)) {
      return reply({ html: messagePage("This link is not valid."), status: 404 });
    }
    if (request.method !== "GET" && request.method !== "POST") {
      return reply({ html: messagePage("This page takes GET and POST."), status: 405 });
    }
    const text = request.method === "POST" ? await request.text() : "";
    const action = text.length > MAX_FORM_CHARACTERS
      ? null
      : new URLSearchParams(text).get("action");
    const outcome = await deps.exclusively((tx) => {
      const scene = { tx, host: deps.host };
      if (kind === "checkout") return checkout(scene, id, action);
      if (kind === "portal") return portal(scene, id, { action, text });
      return invoice(scene, id, action);
    });
    return reply(outcome);
  };
}

function checkout(scene: Scene, id: string, action: string | null): Outcome {
  const session = scene.tx.get("checkout_sessions", id);
  if (session === undefined) return gone();
  if (session.status === "complete") return { location: successUrl(session) };
  if (session.status === "expired" || session.expiresMs <= nowOf(scene.tx, session.customer)) {
    return { html: messagePage("This checkout has expired."), status: 410 };
  }
  if (action === "cancel") {
    return session.cancelUrl === null
      ? { html: messagePage("You can close this page.") }
      : { location: session.cancelUrl };
  }
  if (action === "decline") {
    return { html: checkoutPage(scene.tx, session, "The card was declined.") };
  }
  if (action !== "pay") return { html: checkoutPage(scene.tx, session, null) };
  try {
    return { location: successUrl(completeCheckout(scene, session)) };
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error;
    return { html: checkoutPage(scene.tx, session, error.message) };
  }
}

function portal(
  scene: Scene,
  id: string,
  { action, text }: { action: string | null; text: string },
): Outcome {
  const { tx, host } = scene;
  const session = tx.get("portal_sessions", id);
  if (session === undefined || session.expiresMs <= tx.nowMs) return gone();
  const customer = tx.get("customers", session.customer);
  if (customer === undefined) return gone();
  const here = `${host.baseUrl()}/portal/${id}?token=${host.token(id)}`;
  if (action === "card") {
    const declines = new URLSearchParams(text).get("card") === "declines";
    tx.put("customers", customer.id, { ...customer, card: declines ? "declines" : "pays" });
    return { location: here };
  }
  if (action === "cancel") {
    for (const subscription of tx.all("subscriptions")) {
      if (subscription.customer !== customer.id || subscription.endedAtMs !== null) continue;
      cancelNow(scene, subscription, { invoiceNow: true, prorate: true });
    }
    return { location: here };
  }
  const invoices = [...tx.all("invoices")].filter((one) =>
    one.customer === customer.id && one.status !== "draft"
  ).reverse();
  return {
    html: portalPage(tx, {
      customer,
      invoices: invoices.map((one) => ({ invoice: one, url: invoiceUrl(host, one) })),
      returnUrl: session.returnUrl,
    }),
  };
}

function invoice(scene: Scene, id: string, action: string | null): Outcome {
  const found = scene.tx.get("invoices", id);
  if (found === undefined || found.status === "draft") return gone();
  if (action === "pay" && found.status === "open") {
    const nowMs = nowOf(scene.tx, found.customer);
    const paid = collectPayment(scene, found, nowMs);
    const note = paid.status === "paid"
      ? null
      : "The payment failed. Change the card in the portal.";
    return { html: invoicePage(scene.tx, paid, note) };
  }
  return { html: invoicePage(scene.tx, found, null) };
}

function invoiceUrl(host: Host, invoice: InvoiceDoc): string {
  return `${host.baseUrl()}/invoices/${invoice.id}?token=${host.token(invoice.id)}`;
}

function successUrl(session: CheckoutSessionDoc): string {
  return session.successUrl.replaceAll("{CHECKOUT_SESSION_ID}", session.id);
}

function gone(): Outcome {
  return { html: messagePage("There is nothing here."), status: 404 };
}

function reply(outcome: Outcome): Response {
  if ("location" in outcome) {
    return new Response(null, { status: 303, headers: { location: outcome.location } });
  }
  return new Response(outcome.html, { status: outcome.status ?? 200, headers: PAGE_HEADERS });
}
