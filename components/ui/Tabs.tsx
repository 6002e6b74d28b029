export interface TabLink {
  readonly href: string;
  readonly label: string;
}

/** Views with addresses of their own: links, so the browser's history just works. */
export function Tabs(
  { label, tabs, current }: { label: string; tabs: readonly TabLink[]; current: string },
) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <a key={tab.href} href={tab.href} aria-current={tab.href === current ? "page" : undefined}>
          {tab.label}
        </a>
      ))}
    </nav>
  );
}

/** One choice of few, as links. */
export function Segmented(
  { label, options, current }: { label: string; options: readonly TabLink[]; current: string },
) {
  return (
    <div class="scroll-x">
      <nav class="segmented" aria-label={label}>
        {options.map((option) => (
          <a
            key={option.href}
            href={option.href}
            aria-current={option.href === current ? "true" : undefined}
          >
            {option.label}
          </a>
        ))}
      </nav>
    </div>
  );
}
