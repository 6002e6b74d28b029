import { Card } from "../../ui/Card.tsx";
import { TextArea, TextField } from "../../ui/Field.tsx";
import { Select } from "../../ui/Select.tsx";
import type { PlanEditorModel } from "./plan_draft.ts";
import { CountField, MoneyField } from "./PriceFields.tsx";

/** What a plan has apart from its meters. */
export function PlanTerms({ model: { draft, errors, isNew } }: { model: PlanEditorModel }) {
  return (
    <Card title="Terms">
      <div class="fields">
        <TextField
          name="planId"
          label="Plan id"
          required
          readOnly={!isNew}
          maxLength={40}
          pattern="[a-z][a-z0-9_]*"
          value={draft.planId}
          error={errors["/plan_id"]}
        />
        <TextField
          name="name"
          label="Name"
          required
          maxLength={80}
          value={draft.name}
          error={errors["/name"]}
        />
        <TextField
          name="currency"
          label="Currency"
          required
          readOnly={!isNew}
          maxLength={3}
          value={draft.currency}
          error={errors["/currency"]}
        />
        {isNew
          ? (
            <Select
              name="interval"
              label="Billed per"
              value={draft.interval}
              options={[{ value: "month", label: "Month" }, { value: "year", label: "Year" }]}
            />
          )
          : <TextField name="interval" label="Billed per" readOnly value={draft.interval} />}
        <MoneyField
          name="baseFee"
          label="Base fee"
          value={draft.baseFee}
          at="/base_fee"
          {...{ errors }}
        />
        <MoneyField
          name="minimumCommitment"
          label="At least"
          value={draft.minimumCommitment}
          at="/minimum_commitment"
          errors={errors}
        />
        <CountField
          name="requestsPerSecond"
          label="Requests a second"
          value={draft.requestsPerSecond}
          error={errors["/limits/requests_per_second"]}
        />
        <CountField
          name="burst"
          label="Burst"
          value={draft.burst}
          error={errors["/limits/burst"]}
        />
        <CountField
          name="graceDays"
          label="Grace days"
          value={draft.graceDays}
          error={errors["/grace_days"]}
        />
      </div>
      <TextArea
        name="description"
        label="Description"
        rows={2}
        maxLength={500}
        value={draft.description}
        error={errors["/description"]}
      />
      <TextArea
        name="features"
        label="Features"
        rows={3}
        value={draft.features}
        error={errors["/features"]}
        hint="One word a line, such as batch or events:write."
      />
    </Card>
  );
}
