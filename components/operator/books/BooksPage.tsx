import type { BookLine, LedgerEvidence } from "@/lib/ports/usage.ts";
import { PipelineDiagram } from "../../charts/PipelineDiagram.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Button, ButtonLink } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { Facts } from "../../ui/Facts.tsx";
import { TextField } from "../../ui/Field.tsx";
import { Form } from "../../ui/Form.tsx";
import { formatUnits } from "../../ui/format.ts";
import { Notice } from "../../ui/Notice.tsx";
import { PageHeader } from "../../ui/PageHeader.tsx";
import { Pagination } from "../../ui/Pagination.tsx";
import { Select } from "../../ui/Select.tsx";
import { StaleBadge } from "../../ui/StaleBadge.tsx";
import { Segmented } from "../../ui/Tabs.tsx";
import { Units } from "../../ui/Units.tsx";
import { useViewer } from "../../ui/viewer.ts";
import { type OperatorFrame, OperatorPage } from "../OperatorPage.tsx";
import type { TenantNames } from "../TenantLink.tsx";
import { BookLines } from "./BookLines.tsx";

export type BooksFilter = "all" | "differ" | "outstanding";

type Figures = Pick<
  BookLine,
  | "acknowledged"
  | "adjusted"
  | "log"
  | "windows"
  | "outbox"
  | "sent"
  | "rejected"
  | "confirmed"
  | "writtenOff"
  | "difference"
>;

export interface BooksModel {
  /** When everything was counted. */
  readonly asOfMs: number;
  readonly filter: BooksFilter;
  /** Empty for all tenants. */
  readonly tenantId: string;
  /** Empty for all periods. */
  readonly periodId: string;
  /** Newest first. */
  readonly periods: readonly string[];
  readonly filters: readonly {
    readonly key: BooksFilter;
    readonly href: string;
    readonly lines: number;
  }[];
  /** `null` for one tenant: it compares everything. */
  readonly evidence: LedgerEvidence | null;
  /** Of all lines that fit the filters, not of the page alone. */
  readonly total: Figures;
  readonly lines: readonly BookLine[];
  readonly names: TenantNames;
  /** Lines that fit. */
  readonly shown: number;
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

const PATH = "/operator/books";

export function BooksPage({ frame, model }: { frame: OperatorFrame; model: BooksModel }) {
  return (
    <OperatorPage frame={frame} current={PATH} names={model.names}>
      <PageHeader
        title="Books"
        lede="Every acknowledged unit is in exactly one place: log, window, outbox, at Stripe, or written off by a person."
        actions={
          <>
            <StaleBadge asOfMs={model.asOfMs} />
            <Form action={PATH} class="" label="Count again">
              <Button size="sm" icon="rotate">Count again</Button>
            </Form>
          </>
        }
      />
      <Verdict model={model} />
      <Filters model={model} />
      <Card
        title={model.tenantId === "" ? "All lines shown" : "All lines of this tenant"}
        note="acknowledged + adjusted = log + windows + outbox + sent − rejected + written off"
      >
        <Picture model={model} />
      </Card>
      <Card flush>
        <BookLines model={model} />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} order="own" />
      </Card>
      {model.evidence !== null && <Evidence evidence={model.evidence} />}
    </OperatorPage>
  );
}

function Verdict({ model: { filters, evidence } }: { model: BooksModel }) {
  const differing = filters.find(({ key }) => key === "differ")?.lines ?? 0;
  const counted = evidence === null || evidence.moving || evidence.difference === 0n;
  if (differing === 0 && counted) return null;
  return (
    <Notice tone="bad" title="The books differ">
      {differing > 0 && (
        <p>
          {differing} {differing === 1 ? "line does" : "lines do"}{" "}
          not add up: units were acknowledged that no place accounts for, or the other way round.
        </p>
      )}
      {!counted && <p>Segments and ledger counted different sums of everything.</p>}
    </Notice>
  );
}

const FILTER_WORDS: Readonly<Record<BooksFilter, string>> = {
  all: "All lines",
  differ: "Differ",
  outstanding: "Something outstanding",
};

function Filters({ model }: { model: BooksModel }) {
  const { locale } = useViewer();
  const { filter, filters, tenantId, periodId, periods } = model;
  return (
    <>
      <Segmented
        label="Which lines"
        current={filters.find(({ key }) => key === filter)?.href ?? PATH}
        options={filters.map(({ key, href, lines }) => ({
          href,
          label: `${FILTER_WORDS[key]} ${formatUnits(lines, locale)}`,
        }))}
      />
      <Form action={PATH} method="get" class="filters" label="Filter the books">
        {filter !== "all" && <input type="hidden" name="show" value={filter} />}
        <TextField
          name="tenant"
          label="Tenant id or name"
          type="search"
          value={tenantId}
          maxLength={100}
          spellcheck={false}
        />
        <Select
          name="period"
          label="Billing period"
          value={periodId}
          options={[
            { value: "", label: "All periods" },
            ...periods.map((period) => ({ value: period, label: `from ${period}` })),
            ...periodId === "" || periods.includes(periodId)
              ? []
              : [{ value: periodId, label: `from ${periodId}` }],
          ]}
        />
        <Button icon="search">Show</Button>
        {(tenantId !== "" || periodId !== "") && <ButtonLink href={PATH}>Show all</ButtonLink>}
      </Form>
    </>
  );
}

function Picture({ model: { total } }: { model: BooksModel }) {
  const { locale } = useViewer();
  return (
    <PipelineDiagram
      acknowledged={total.acknowledged + total.adjusted}
      difference={total.difference}
      stages={[
        { name: "Log", units: total.log, note: "acknowledged, not folded", class: "s3" },
        { name: "Windows", units: total.windows, note: "folded, minute open", class: "s5" },
        { name: "Outbox", units: total.outbox, note: "sealed, not through", class: "s4" },
        {
          name: "At Stripe",
          units: total.sent - total.rejected,
          note: `${formatUnits(total.confirmed, locale)} confirmed`,
          class: "s0",
        },
        {
          name: "Written off",
          units: total.writtenOff,
          note: "given up, by a person",
          class: "s-bad",
        },
      ]}
    />
  );
}

function Evidence({ evidence }: { evidence: LedgerEvidence }) {
  const { segments, ledger, difference, moving } = evidence;
  return (
    <Card
      title="Two counts of everything"
      note="Each segment carries its own running sum. It must equal what all folds wrote into the ledger."
    >
      <Facts
        facts={[
          { term: "By the segments", value: <Units units={segments} /> },
          { term: "By the ledger", value: <Units units={ledger} /> },
          {
            term: "Difference",
            value: moving
              ? <Badge>moving</Badge>
              : difference === 0n
              ? <Badge tone="good" dot>none</Badge>
              : (
                <Badge tone="bad" dot>
                  <Units units={difference} />
                </Badge>
              ),
          },
        ]}
      />
    </Card>
  );
}
