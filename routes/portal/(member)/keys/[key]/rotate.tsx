import { HttpError, page, type PageProps } from "fresh";
import { type KeyCreatedModel, KeyCreatedPage } from "@/components/portal/KeysPage.tsx";
import { CopyButton } from "@/islands/CopyButton.tsx";
import { rotateApiKey } from "@/lib/tenancy/api_keys.ts";
import { sampleTerms } from "@/lib/portal/sample_terms.ts";
import { copyWords } from "../../../(_shared)/copy_words.ts";
import { permit } from "../../../(_shared)/permit.ts";
import { define, done, type PortalState } from "../../../(_shared)/portal_state.ts";
import { askForProof } from "../../../(_shared)/step_up.ts";

export const handler = define.handlers({
  /** A reload of the page that showed the new key. */
  GET: () => done("/portal/keys", null),
  async POST(ctx) {
    permit(ctx, "manage_keys");
    const proof = await askForProof(ctx);
    if (proof !== null) return proof;
    ctx.state.title = ctx.state.say("new_key");
    const { portal } = ctx.state.services;
    const { tenantId } = ctx.state.visit.tenant.value;
    const form = ctx.state.form;
    const graceMs = Number(form.get("grace")) * 1_000;
    const keyId = decodeURIComponent(ctx.params.key ?? "");
    const rotated = await rotateApiKey(
      { tenantId, keyId, graceMs },
      { deps: portal, act: ctx.state.visit.act },
    );
    if (rotated.ok) {
      const { key, secret, previous } = rotated.value;
      return page<KeyCreatedModel>({
        ...sampleTerms(portal, ctx.state.visit.plan),
        name: key.name,
        secret,
        previousEndsAtMs: previous.revokedAtMs,
      });
    }
    if (rotated.error.code === "unknown_key") throw new HttpError(404);
    return done("/portal/keys", rotated.error.code === "conflict" ? "conflict" : "refused");
  },
});

export default function RotatedRoute({ data, state }: PageProps<KeyCreatedModel, PortalState>) {
  return (
    <KeyCreatedPage
      frame={state.visit.frame}
      model={data}
      copy={(text) => <CopyButton text={text} words={copyWords(state.say, "copy_key")} />}
    />
  );
}
