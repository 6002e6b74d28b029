import { page } from "fresh";
import { tenantPath } from "@/components/operator/TenantLink.tsx";
import { type TenantKeysModel, TenantKeysPage } from "@/components/operator/TenantPeoplePages.tsx";
import { loadKeys } from "@/lib/portal/load_keys.ts";
import type { Services } from "@/lib/services.ts";
import { refuse } from "@/lib/domain/result.ts";
import { formIds, newFormMark } from "@/lib/tenancy/form_ids.ts";
import { createApiKey, revokeApiKey } from "@/lib/tenancy/api_keys.ts";
import { define, done, doneIf, field, isConfirmed } from "../../../../(_shared)/operator_state.ts";
import { tenantOf } from "../../../../(_shared)/tenant_of.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { tenantId, head } = await tenantOf(ctx);
    return page({ head, model: await keysModel(ctx.state.services, tenantId) });
  },
  /** The answer itself shows the secret: no address ever leads to it again. */
  async POST(ctx) {
    const { tenantId, head } = await tenantOf(ctx);
    const { services, formSecret = "", visit: { act } } = ctx.state;
    const path = tenantPath(tenantId, "keys");
    if (field(ctx, "act") === "revoke") {
      if (!isConfirmed(ctx, "revoke")) return done(path, "not_confirmed");
      const keyId = field(ctx, "key");
      const revoked = await revokeApiKey({ tenantId, keyId }, { deps: services, act });
      return doneIf(revoked, { path, flash: "key_revoked" });
    }
    const name = field(ctx, "name");
    const mode = field(ctx, "mode") === "test" ? "test" : "live";
    const nowMs = services.clock.nowMs();
    const typed = [tenantId, name, mode];
    const ids = formIds(field(ctx, "mark"), { secret: formSecret, typed, nowMs });
    const made = ids === null ? refuse(FORM_TOO_OLD) : await createApiKey(
      { tenantId, name, mode, scopes: ["*"] },
      { deps: { ...services, ids }, act },
    );
    const blank = await keysModel(services, tenantId);
    if (made.ok) {
      const created = { name: made.value.key.name, secret: made.value.secret };
      return page({ head, model: { ...blank, created } });
    }
    const draft = { ...blank.draft, name, mode, error: made.error.detail } as const;
    return page({ head, model: { ...blank, draft } }, { status: 422 });
  },
});

const FORM_TOO_OLD = {
  code: "form_expired",
  detail: "This form is too old; nothing was made. Send it once more",
} as const;

export default define.page<typeof handler>(({ data, state }) => (
  <TenantKeysPage frame={state.visit.frame} {...data} />
));

async function keysModel(services: Services, tenantId: string): Promise<TenantKeysModel> {
  const { keys } = await loadKeys(services, { tenantId, draft: null });
  const mark = newFormMark({ ids: services.ids, nowMs: services.clock.nowMs() });
  return { keys, created: null, draft: { mark, name: "", mode: "live", error: null } };
}
