/** The product's mark, or a tenant's own logo and name. */
export function Wordmark(
  { name, logoUrl, href }: { name: string; logoUrl: string | null; href: string },
) {
  return (
    <a class="wordmark" href={href}>
      {logoUrl === null
        ? <Mark />
        : <img class="logo" src={logoUrl} alt="" width={28} height={28} />}
      <bdi>{name}</bdi>
    </a>
  );
}

function Mark() {
  return (
    <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <g fill="none" stroke="currentColor" stroke-width="3.4" stroke-linecap="round">
        <path d="M24.6 7.4A12.2 12.2 0 1 0 28.2 16" />
        <path d="M16 16 25.5 10.8" />
      </g>
      <circle cx="16" cy="16" r="2.9" fill="var(--ink)" />
    </svg>
  );
}
