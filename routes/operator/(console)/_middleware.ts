import { type Context, HttpError } from "fresh";
import { accept, type Result } from "@/lib/domain/result.ts";
import { type FormParts, readForm, readMultipart } from "@/lib/http/body.ts";
import { isOwnForm, withVisitor } from "../../(_shared)/visitor.ts";
import { offerAgain } from "../(_shared)/offer_again.tsx";
import { define, type OperatorState } from "../(_shared)/operator_state.ts";

/** Lists are pasted into a form; everything else is far smaller. */
const FORM_BYTES_MAX = 8 * 1_048_576;
/** A list of 16 MiB, as the operator API takes it, and the fields around it. */
const UPLOAD_BYTES_MAX = 17 * 1_048_576;
const UPLOAD_TIMEOUT_MS = 120_000;

/** Who is here, and is what they send from our own page? Both answers stand before any handler. */
export default define.middleware((ctx) => {
  const { sessions, ids, env } = ctx.state.services;
  const door = { cookie: "op", secure: env.secureCookies, sessions, ids } as const;
  return withVisitor(ctx, door, () => checked(ctx));
});

async function checked(ctx: Context<OperatorState>): Promise<Response> {
  ctx.state.form = new URLSearchParams();
  ctx.state.files = new Map();
  if (ctx.req.method === "GET" || ctx.req.method === "HEAD") return await ctx.next();
  const form = await readParts(ctx);
  if (!form.ok) throw new HttpError(form.error.code === "body_too_large" ? 413 : 400);
  ctx.state.form = form.value.fields;
  ctx.state.files = form.value.files;
  const { baseUrl, mode } = ctx.state.services.env;
  return isOwnForm(ctx, form.value.fields, { baseUrl, isSandbox: mode === "sandbox" })
    ? await ctx.next()
    : await offerAgain(ctx);
}

async function readParts({ req, state }: Context<OperatorState>): Promise<Result<FormParts>> {
  if (req.headers.get("content-type")?.startsWith("multipart/form-data") === true) {
    // Nobody but an operator has files to send.
    const maxBytes = state.session ? UPLOAD_BYTES_MAX : FORM_BYTES_MAX;
    return await readMultipart(req, { maxBytes, timeoutMs: UPLOAD_TIMEOUT_MS });
  }
  const form = await readForm(req, { maxBytes: FORM_BYTES_MAX });
  return form.ok ? accept({ fields: form.value, files: new Map<string, File>() }) : form;
}
