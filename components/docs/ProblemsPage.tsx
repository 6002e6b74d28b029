import { PageHeader } from "../ui/PageHeader.tsx";
import { PublicShell } from "../ui/PublicShell.tsx";
import { Table } from "../ui/Table.tsx";
import type { Theme } from "../ui/ThemeSwitch.tsx";
import type { Viewer } from "../ui/viewer.ts";

export interface ProblemsModel {
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly problems: readonly {
    readonly code: string;
    readonly status: number;
    readonly title: string;
  }[];
  /** The one that was asked for, or all. */
  readonly heading: string;
}

/** What the `type` of a problem document leads to. */
export function ProblemsPage({ viewer, theme, problems, heading }: ProblemsModel) {
  return (
    <PublicShell viewer={viewer} theme={theme}>
      <div class="stack-lg">
        <PageHeader
          title={heading}
          crumbs={[
            { href: "/docs", label: "API reference" },
            { href: "/docs/problems", label: "Problems" },
          ]}
          lede="Branch on the code: it stays. Titles and details are for people and may change."
        />
        <Table
          caption="Problem codes"
          rows={problems}
          rowKey={(row) => row.code}
          empty={null}
          columns={[
            {
              key: "code",
              label: "Code",
              header: true,
              cell: (row) => (
                <a href={`/docs/problems/${row.code}`}>
                  <code>{row.code}</code>
                </a>
              ),
            },
            { key: "status", label: "Status", cell: (row) => <code>{row.status}</code> },
            { key: "title", label: "Meaning", cell: (row) => row.title },
          ]}
        />
      </div>
    </PublicShell>
  );
}
