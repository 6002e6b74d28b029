import { page } from "fresh";
import { StartPage } from "@/components/portal/StartPage.tsx";
import { CopyButton } from "@/islands/CopyButton.tsx";
import { sampleTerms } from "@/lib/portal/sample_terms.ts";
import { isActive } from "@/lib/tenancy/api_keys.ts";
import { copyWords } from "../(_shared)/copy_words.ts";
import { define } from "../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = ctx.state.say("nav_start");
    const { portal } = ctx.state.services;
    const keys = await portal.tenants.apiKeys(ctx.state.visit.tenant.value.tenantId);
    const nowMs = portal.clock.nowMs();
    const usable = keys.findLast((key) => isActive(key, nowMs));
    return page({
      ...sampleTerms(portal, ctx.state.visit.plan),
      secret: null,
      keyHint: usable?.hint ?? null,
    });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <StartPage
    frame={state.visit.frame}
    model={data}
    copy={(code) => <CopyButton text={code} words={copyWords(state.say, "copy_snippet")} />}
  />
));
