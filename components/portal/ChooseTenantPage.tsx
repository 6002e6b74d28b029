import { sayIn } from "@/lib/i18n/portal/messages.ts";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Form } from "../ui/Form.tsx";
import { PublicShell } from "../ui/PublicShell.tsx";
import type { Theme } from "../ui/ThemeSwitch.tsx";
import type { Viewer } from "../ui/viewer.ts";

export interface ChooseTenantModel {
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly choices: readonly { readonly tenantId: string; readonly name: string }[];
  /** Stands for the person whom the provider vouched for. */
  readonly choiceSecret: string;
}

/** For a person who is a member of several tenants. */
export function ChooseTenantPage({ viewer, theme, choices, choiceSecret }: ChooseTenantModel) {
  return (
    <PublicShell viewer={viewer} theme={theme}>
      <div class="narrow stack">
        <h1>{sayIn(viewer.locale)("which_tenant")}</h1>
        <Card>
          <Form action="/portal/sign-in/oidc/choose">
            <input type="hidden" name="choice" value={choiceSecret} />
            {choices.map(({ tenantId, name }) => (
              <Button key={tenantId} name="tenant" value={tenantId}>
                <bdi>{name}</bdi>
              </Button>
            ))}
          </Form>
        </Card>
      </div>
    </PublicShell>
  );
}
