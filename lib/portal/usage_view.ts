import type { UsageMeasure, UsageSplit } from "@/components/portal/UsageChart.tsx";

/** What the usage page counts and by what it splits; its words are in `components/portal`. */
const VIEWS = {
  units_by_meter: { measure: "units", split: "meter" },
  units_by_key: { measure: "units", split: "key" },
  units_by_feature: { measure: "units", split: "feature" },
  calls_by_status: { measure: "calls", split: "status" },
  calls_by_feature: { measure: "calls", split: "feature" },
  calls_by_key: { measure: "calls", split: "key" },
} as const satisfies Readonly<Record<string, { measure: UsageMeasure; split: UsageSplit }>>;

export type UsageShow = keyof typeof VIEWS;

/** `served`, `refused` (4xx), `failed` (5xx) or one HTTP status. */
export type StatusFilter = "served" | "refused" | "failed" | `${number}`;

export interface UsageView {
  readonly show: UsageShow;
  readonly measure: UsageMeasure;
  readonly split: UsageSplit;
  /** Empty for all. A call has one feature, key and status; only units have meters. */
  readonly meter: string;
  readonly keyId: string;
  readonly feature: string;
  readonly status: StatusFilter | "";
  /**
   * `log`: the figures are counts of the request log, by hour and day; `books`: of the ledger's own
   * rollups.
   */
  readonly source: "log" | "books";
}

/** Reads what an address asks for; what is unknown or does not apply is as if it were not there. */
export function parseUsageView(
  query: URLSearchParams,
  { keyIds }: { readonly keyIds: readonly string[] },
): UsageView {
  const asked = query.get("show");
  const show = isShow(asked) ? asked : "units_by_meter";
  const { measure, split } = VIEWS[show];
  const keyId = keyIds.find((one) => one === query.get("key")) ?? "";
  const feature = textOf(query, "feature");
  const status = statusOf(query.get("status"));
  const logged = measure === "calls" || split === "feature" || feature !== "" || status !== "";
  return {
    show,
    measure,
    split,
    meter: measure === "calls" ? "" : textOf(query, "meter"),
    keyId,
    feature,
    status,
    source: logged ? "log" : "books",
  };
}

/** The parts of an address that say the view again. */
export function viewQuery(view: UsageView): Readonly<Record<string, string>> {
  const { show, meter, keyId, feature, status } = view;
  return {
    ...(show === "units_by_meter" ? {} : { show }),
    ...(meter === "" ? {} : { meter }),
    ...(keyId === "" ? {} : { key: keyId }),
    ...(feature === "" ? {} : { feature }),
    ...(status === "" ? {} : { status }),
  };
}

export function matchesStatus(status: number, filter: StatusFilter | ""): boolean {
  switch (filter) {
    case "":
      return true;
    case "served":
      return status < 400;
    case "refused":
      return status >= 400 && status < 500;
    case "failed":
      return status >= 500;
    default:
      return status === Number(filter);
  }
}

const TEXT_MAX = 120;

function textOf(query: URLSearchParams, name: string): string {
  return (query.get(name) ?? "").slice(0, TEXT_MAX);
}

function statusOf(text: string | null): StatusFilter | "" {
  if (text === "served" || text === "refused" || text === "failed") return text;
  return text !== null && /^[1-5]\d\d$/.test(text) ? `${Number(text)}` : "";
}

function isShow(text: string | null): text is UsageShow {
  return text !== null && Object.hasOwn(VIEWS, text);
}
