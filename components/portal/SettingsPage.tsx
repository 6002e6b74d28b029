import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { formatBilled, formatTime } from "../ui/format.ts";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Select } from "../ui/Select.tsx";
import { mayEdit, type PortalFrame, PortalPage } from "./PortalPage.tsx";

export interface SettingsModel {
  readonly displayName: string;
  readonly logoUrl: string;
  readonly color: string;
  readonly timeZone: string;
  readonly locale: string;
  readonly timeZones: readonly string[];
  readonly locales: readonly { readonly value: string; readonly label: string }[];
  readonly currency: string;
  readonly errors: Readonly<Record<string, string>>;
  /** Version that the form was made from: a later one is a conflict, not an overwrite. */
  readonly version: string;
  /** Set when somebody else saved in between: their values are shown beside the draft. */
  readonly conflict: string | null;
}

export function SettingsPage({ frame, model }: { frame: PortalFrame; model: SettingsModel }) {
  const { viewer } = frame;
  const edit = mayEdit(frame);
  return (
    <PortalPage frame={frame} current="/portal/settings">
      <PageHeader title="Settings" lede="How the portal looks and speaks. Billing stays in UTC." />
      {model.conflict !== null && (
        <Notice tone="warn" title="Somebody else saved in between">
          {model.conflict} Your draft is below and was not saved; save it again to replace theirs.
        </Notice>
      )}
      <Card title="Branding and language">
        <Form action="/portal/settings">
          <input type="hidden" name="version" value={model.version} />
          <div class="fields">
            <TextField
              name="display_name"
              label="Display name"
              required
              maxLength={120}
              value={model.displayName}
              readOnly={!edit}
              error={model.errors["display_name"]}
            />
            <TextField
              name="logo_url"
              label="Logo address"
              type="url"
              value={model.logoUrl}
              readOnly={!edit}
              placeholder="https://example.com/logo.svg"
              hint="https, square, at least 56 pixels."
              error={model.errors["logo_url"]}
            />
            <TextField
              name="color"
              label="Colour"
              type="color"
              value={model.color}
              readOnly={!edit}
              hint="Marks the top edge and the current page."
              error={model.errors["color"]}
            />
          </div>
          <div class="fields">
            <TextField
              name="time_zone"
              label="Time zone"
              value={model.timeZone}
              readOnly={!edit}
              list={model.timeZones}
              required
              error={model.errors["time_zone"]}
            />
            <Select
              name="locale"
              label="Language and formats"
              value={model.locale}
              options={model.locales}
              hint="Statements, alert mails, navigation, overview, usage and invoices speak it; other pages are in English."
              error={model.errors["locale"]}
            />
          </div>
          <p class="small muted">
            Looks like {formatTime(viewer.nowMs, { style: "datetime", ...viewer })} and{" "}
            {formatBilled(1_234_567_000_000_000_000n, model.currency, viewer.locale)}.
          </p>
          {edit && (
            <div class="form-actions">
              <Button kind="primary">Save</Button>
            </div>
          )}
        </Form>
      </Card>
    </PortalPage>
  );
}
