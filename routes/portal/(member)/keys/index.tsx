import { page, type PageProps } from "fresh";
import {
  type KeyCreatedModel,
  KeyCreatedPage,
  type KeysModel,
  KeysPage,
} from "@/components/portal/KeysPage.tsx";
import type { Refusal } from "@/lib/domain/result.ts";
import { CopyButton } from "@/islands/CopyButton.tsx";
import { faultWords } from "@/lib/portal/fault_words.ts";
import { fieldErrors } from "@/lib/portal/form_errors.ts";
import { KEY_FIELDS, keyModeOf, newKeyOf, readKeyDraft } from "@/lib/portal/key_form.ts";
import { loadKeys } from "@/lib/portal/load_keys.ts";
import { createApiKey } from "@/lib/tenancy/api_keys.ts";
import { sampleTerms } from "@/lib/portal/sample_terms.ts";
import { copyWords } from "../../(_shared)/copy_words.ts";
import { permit } from "../../(_shared)/permit.ts";
import { define, type PortalState } from "../../(_shared)/portal_state.ts";
import { askForProof } from "../../(_shared)/step_up.ts";

type KeysData =
  | { readonly kind: "list"; readonly model: KeysModel }
  | { readonly kind: "created"; readonly model: KeyCreatedModel };

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = ctx.state.say("nav_keys");
    const { tenantId } = ctx.state.visit.tenant.value;
    const model = await loadKeys(ctx.state.services.portal, { tenantId, draft: null });
    return page<KeysData>({ kind: "list", model });
  },
  /** The answer itself shows the secret, once: no address ever leads to it again. */
  async POST(ctx) {
    permit(ctx, "manage_keys");
    // A key outlives the session that made it; taking one away must not wait.
    const proof = await askForProof(ctx);
    if (proof !== null) return proof;
    ctx.state.title = ctx.state.say("new_key");
    const { portal } = ctx.state.services;
    const { tenantId } = ctx.state.visit.tenant.value;
    const draft = readKeyDraft(ctx.state.form);
    const created = await createApiKey(
      newKeyOf(draft, { tenantId, mode: keyModeOf(portal.mode), nowMs: portal.clock.nowMs() }),
      { deps: portal, act: ctx.state.visit.act },
    );
    if (created.ok) {
      const { key, secret } = created.value;
      const model = {
        ...sampleTerms(portal, ctx.state.visit.plan),
        name: key.name,
        secret,
        previousEndsAtMs: null,
      };
      return page<KeysData>({ kind: "created", model });
    }
    const words = (part: Refusal) => faultWords(part, ctx.state.say);
    const field = KEY_FIELDS[created.error.code];
    const errors = field === undefined
      ? fieldErrors(created.error, words)
      : { [field]: words(created.error) };
    const model = await loadKeys(portal, { tenantId, draft: { ...draft, errors } });
    return page<KeysData>({ kind: "list", model }, { status: 422 });
  },
});

export default function KeysRoute({ data, state }: PageProps<KeysData, PortalState>) {
  if (data.kind === "list") return <KeysPage frame={state.visit.frame} model={data.model} />;
  return (
    <KeyCreatedPage
      frame={state.visit.frame}
      model={data.model}
      copy={(text) => <CopyButton text={text} words={copyWords(state.say, "copy_key")} />}
    />
  );
}
