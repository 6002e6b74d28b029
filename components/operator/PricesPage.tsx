import type { AssetClass } from "@/lib/domain/rating/instrument.ts";
import type { PriceFrequency } from "@/lib/domain/rating/price_series.ts";
import type { Quote } from "@/lib/domain/rating/quote.ts";
import type { ScreeningOutcome } from "@/lib/domain/rating/screening.ts";
import { PriceLine } from "../charts/PriceLine.tsx";
import { Badge } from "../ui/Badge.tsx";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { CodeBlock } from "../ui/CodeBlock.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Facts } from "../ui/Facts.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { formatUnits } from "../ui/format.ts";
import { Pagination } from "../ui/Pagination.tsx";
import { Table } from "../ui/Table.tsx";
import { useViewer } from "../ui/viewer.ts";
import { durationWords } from "./duration_words.ts";
import { MarketPage } from "./lists/MarketPage.tsx";
import type { OperatorFrame } from "./OperatorPage.tsx";

export interface PricesModel {
  readonly tenantId: string;
  readonly instrumentId: string;
  /** `null` when none was asked for, or none has this id. */
  readonly tenantName: string | null;
  /** The one instrument that was asked for. */
  readonly found: InstrumentModel | null;
  readonly instruments: readonly {
    readonly instrumentId: string;
    readonly updatedAtMs: number;
    readonly quoteAtMs: number | null;
  }[];
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

export interface InstrumentModel {
  readonly terms: {
    readonly text: string;
    readonly kind: AssetClass;
    readonly updatedAtMs: number;
  } | null;
  readonly quote: (Quote & { readonly isStale: boolean }) | null;
  /** How old a price of this kind may be before a rating calls it stale. */
  readonly ageMaxMs: number;
  readonly history: {
    readonly frequency: PriceFrequency;
    readonly count: number;
    readonly firstDay: string;
    readonly lastDay: string;
    readonly drawn: readonly { readonly day: string; readonly close: number }[];
  } | null;
  readonly screening: ScreeningOutcome | null;
}

const PATH = "/operator/lists/prices";

export function PricesPage({ frame, model }: { frame: OperatorFrame; model: PricesModel }) {
  const isUnknown = model.tenantId !== "" && model.tenantName === null;
  return (
    <MarketPage frame={frame} current={PATH}>
      <Form action={PATH} method="get" class="filters" label="Look up what a tenant has stored">
        <TextField
          name="tenant"
          label="Tenant id"
          value={model.tenantId}
          required
          maxLength={100}
          spellcheck={false}
          error={isUnknown ? "No tenant has this id" : undefined}
        />
        <TextField
          name="instrument"
          label="Instrument id"
          value={model.instrumentId}
          maxLength={32}
          placeholder="all of them"
          spellcheck={false}
        />
        <Button icon="search">Look up</Button>
        {model.instrumentId !== "" && model.tenantName !== null && (
          <ButtonLink href={pricesPath(model.tenantId)}>All instruments</ButtonLink>
        )}
      </Form>
      {model.tenantName === null
        ? (
          <EmptyState title="Whose prices?" icon="search">
            <p class="small">
              Tenants store prices and instruments through their own API; here they are looked at.
            </p>
          </EmptyState>
        )
        : model.found === null
        ? <Instruments model={model} name={model.tenantName} />
        : <Instrument instrumentId={model.instrumentId} found={model.found} />}
    </MarketPage>
  );
}

function pricesPath(tenantId: string, instrument = ""): string {
  const query = { tenant: tenantId, ...instrument === "" ? {} : { instrument } };
  return `${PATH}?${new URLSearchParams(query)}`;
}

function Instruments({ model, name }: { model: PricesModel; name: string }) {
  return (
    <Card title={`Instruments of ${name}`} flush>
      <Table
        caption={`Instruments of ${name}`}
        rows={model.instruments}
        rowKey={({ instrumentId }) => instrumentId}
        empty={
          <EmptyState title="No instrument is stored" icon="list">
            <p class="small">Ratings then rest on what each call brings along.</p>
          </EmptyState>
        }
        columns={[
          {
            key: "id",
            label: "Instrument",
            header: true,
            cell: ({ instrumentId }) => (
              <a class="mono break" href={pricesPath(model.tenantId, instrumentId)}>
                {instrumentId}
              </a>
            ),
          },
          {
            key: "quote",
            label: "Latest quote",
            cell: ({ quoteAtMs }) =>
              quoteAtMs === null
                ? <span class="muted">none</span>
                : <DateTime atMs={quoteAtMs} style="relative" />,
          },
          {
            key: "updated",
            label: "Terms stored",
            cell: ({ updatedAtMs }) => <DateTime atMs={updatedAtMs} />,
          },
        ]}
      />
      <Pagination firstHref={model.firstHref} nextHref={model.nextHref} />
    </Card>
  );
}

function Instrument({ instrumentId, found }: { instrumentId: string; found: InstrumentModel }) {
  const { terms, quote, history, screening } = found;
  if (terms === null && quote === null && history === null) {
    return <EmptyState title={`Nothing is stored under ${instrumentId}`} icon="search" />;
  }
  return (
    <>
      <div class="grid-2">
        <QuoteCard found={found} />
        <ScreeningCard screening={screening} />
      </div>
      <HistoryCard instrumentId={instrumentId} history={history} />
      {terms !== null && (
        <Card
          title="Terms"
          note={
            <>
              As the tenant stored them,{" "}
              <DateTime atMs={terms.updatedAtMs} />: an instrument of the kind {terms.kind}.
            </>
          }
        >
          <CodeBlock title={`Terms of ${instrumentId}`} code={terms.text} />
        </Card>
      )}
    </>
  );
}

function QuoteCard({ found: { quote, ageMaxMs } }: { found: InstrumentModel }) {
  const { locale } = useViewer();
  if (quote === null) {
    return (
      <Card title="Latest quote">
        <p class="muted">None is stored; the last close stands in.</p>
      </Card>
    );
  }
  const price = (text: string | null) =>
    text === null ? <span class="muted">–</span> : <span class="num">{text}</span>;
  return (
    <Card
      title="Latest quote"
      aside={
        <Badge tone={quote.isStale ? "warn" : "good"} dot>
          {quote.isStale ? "stale" : "fresh"}
        </Badge>
      }
      note={`A rating calls it stale after ${durationWords(ageMaxMs)}.`}
    >
      <Facts
        facts={[
          { term: "Bid", value: price(quote.bid) },
          { term: "Ask", value: price(quote.ask) },
          { term: "Last", value: price(quote.last) },
          {
            term: "Volume",
            value: quote.volume === null ? price(null) : formatUnits(quote.volume, locale),
          },
          {
            term: "Market time",
            value: (
              <>
                <DateTime atMs={quote.timestampMs} style="moment" />{" "}
                <span class="muted">
                  (<DateTime atMs={quote.timestampMs} style="relative" />)
                </span>
              </>
            ),
          },
          { term: "Source", value: <code>{quote.source}</code> },
        ]}
      />
    </Card>
  );
}

function ScreeningCard({ screening }: { screening: ScreeningOutcome | null }) {
  return (
    <Card title="Screening">
      {screening === null ? <p class="muted">Not screened yet.</p> : (
        <Facts
          facts={[
            {
              term: "Hits",
              value: screening.hits.length === 0 ? <Badge tone="good" dot>none</Badge> : (
                <ul>
                  {screening.hits.map(({ listId, entryId, matchedOn, score }) => (
                    <li key={`${listId} ${entryId} ${matchedOn}`}>
                      <Badge tone="bad" dot>{listId}</Badge> <code>{entryId}</code> by {matchedOn}
                      {matchedOn === "name" && `, ${score.toFixed(2)}`}
                    </li>
                  ))}
                </ul>
              ),
            },
            {
              term: "Against",
              value: screening.lists.length === 0
                ? <span class="muted">no list</span>
                : screening.lists.map(({ listId, asOf }) => `${listId} of ${asOf}`).join(", "),
            },
          ]}
        />
      )}
    </Card>
  );
}

function HistoryCard(
  { instrumentId, history }: {
    instrumentId: string;
    history: InstrumentModel["history"];
  },
) {
  const { locale } = useViewer();
  if (history === null) {
    return (
      <Card title="Price history">
        <p class="muted">No history is stored: figures that need one are left out of ratings.</p>
      </Card>
    );
  }
  const { count, firstDay, lastDay, frequency, drawn } = history;
  const last = drawn.at(-1)?.close ?? 0;
  const numbers = new Intl.NumberFormat(locale, { maximumSignificantDigits: 6 });
  const summary = `The last ${drawn.length} closes of ${instrumentId}, to ${lastDay}: ` +
    `${numbers.format(last)}`;
  return (
    <Card
      title="Price history"
      note={`${
        formatUnits(count, locale)
      } ${frequency} closes from ${firstDay} to ${lastDay}; the last is ${numbers.format(last)}.`}
    >
      <PriceLine
        summary={summary}
        labels={drawn.map(({ day }) => day)}
        values={drawn.map(({ close }) => close)}
        axisText={(value) => numbers.format(value)}
      />
    </Card>
  );
}
