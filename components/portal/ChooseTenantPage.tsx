import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Form } from "../ui/Form.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PublicShell } from "../ui/PublicShell.tsx";
import type { Theme } from "../ui/ThemeSwitch.tsx";
import type { Viewer } from "../ui/viewer.ts";

export interface ChooseTenantModel {
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly error: string | null;
  readonly choice: {
    readonly choices: readonly { readonly tenantId: string; readonly name: string }[];
    readonly choiceSecret: string;
  } | null;
}

/** For a person with several tenants, or one whom the provider did not confirm. */
export function ChooseTenantPage({ viewer, theme, error, choice }: ChooseTenantModel) {
  return (
    <PublicShell viewer={viewer} theme={theme}>
      <div class="narrow stack">
        <h1>{choice === null ? "You are not signed in" : "Which tenant?"}</h1>
        {error !== null && <Notice tone="bad">{error}</Notice>}
        {choice === null ? <ButtonLink href="/portal/sign-in">Try again</ButtonLink> : (
          <Card>
            <Form action="/portal/sign-in/oidc/choose">
              <input type="hidden" name="choice" value={choice.choiceSecret} />
              {choice.choices.map(({ tenantId, name }) => (
                <Button key={tenantId} name="tenant" value={tenantId}>
                  <bdi>{name}</bdi>
                </Button>
              ))}
            </Form>
          </Card>
        )}
      </div>
    </PublicShell>
  );
}
