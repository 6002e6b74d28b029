import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { formatBilled, formatTime } from "../ui/format.ts";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Select } from "../ui/Select.tsx";
import { mayEdit, type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { wordsIn } from "./words.ts";

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
  /** Set when somebody else saved in between: what stands is shown beside the draft. */
  readonly conflict: {
    readonly name: string;
    readonly color: string;
    readonly zone: string;
  } | null;
}

export function SettingsPage({ frame, model }: { frame: PortalFrame; model: SettingsModel }) {
  const { viewer } = frame;
  const { say } = wordsIn(viewer.locale);
  const edit = mayEdit(frame);
  return (
    <PortalPage frame={frame} current="/portal/settings">
      <PageHeader title={say("nav_settings")} lede={say("settings_lede")} />
      {model.conflict !== null && (
        <Notice tone="warn" title={say("conflict_title")}>
          {say("settings_conflict", model.conflict)}
        </Notice>
      )}
      <Card title={say("branding_and_language")}>
        <Form action="/portal/settings">
          <input type="hidden" name="version" value={model.version} />
          <div class="fields">
            <TextField
              name="display_name"
              label={say("display_name")}
              required
              maxLength={120}
              value={model.displayName}
              readOnly={!edit}
              error={model.errors["display_name"]}
            />
            <TextField
              name="logo_url"
              label={say("logo_address")}
              type="url"
              value={model.logoUrl}
              readOnly={!edit}
              placeholder="https://example.com/logo.svg"
              hint={say("logo_hint")}
              error={model.errors["logo_url"]}
            />
            <TextField
              name="color"
              label={say("color")}
              type="color"
              value={model.color}
              readOnly={!edit}
              hint={say("color_hint")}
              error={model.errors["color"]}
            />
          </div>
          <div class="fields">
            <TextField
              name="time_zone"
              label={say("time_zone")}
              value={model.timeZone}
              readOnly={!edit}
              list={model.timeZones}
              required
              error={model.errors["time_zone"]}
            />
            <Select
              name="locale"
              label={say("language_and_formats")}
              value={model.locale}
              options={model.locales}
              hint={say("language_hint")}
              error={model.errors["locale"]}
            />
          </div>
          <p class="small muted">
            {say("looks_like", {
              time: formatTime(viewer.nowMs, { style: "datetime", ...viewer }),
              amount: formatBilled(1_234_567_000_000_000_000n, model.currency, viewer.locale),
            })}
          </p>
          {edit && (
            <div class="form-actions">
              <Button kind="primary">{say("save")}</Button>
            </div>
          )}
        </Form>
      </Card>
    </PortalPage>
  );
}
