export interface SecurityOptions {
  /** Served over https: promise it for two years. */
  readonly secure: boolean;
  /** Other sites that our forms lead to through a redirect, e.g. Stripe's checkout. */
  readonly formTargets?: readonly string[];
  /** Where browsers report what the policy stopped. */
  readonly reportPath?: string;
}

export type HeaderList = readonly (readonly [string, string])[];

/** For answers to machines: nothing to render, nothing to keep. */
export function apiHeaders({ secure }: SecurityOptions): HeaderList {
  return [
    ["x-content-type-options", "nosniff"],
    ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
    ["referrer-policy", "no-referrer"],
    ...strictTransport(secure),
  ];
}

/** For pages and files; the content policy depends on the page's nonce. */
export function pageHeaders({ secure }: SecurityOptions): HeaderList {
  return [
    ["x-content-type-options", "nosniff"],
    ["referrer-policy", "strict-origin-when-cross-origin"],
    ["cross-origin-opener-policy", "same-origin"],
    ["cross-origin-resource-policy", "same-origin"],
    ["permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"],
    ["x-frame-options", "DENY"],
    ...strictTransport(secure),
  ];
}

/**
 * Scripts and styles are our own files or carry the response's nonce; nothing inline, no plugins, no
 * frames. Logos of tenants may come from anywhere over https. Without a nonce, only files load.
 */
export function contentPolicy(
  nonce: string | null,
  { secure, formTargets = [], reportPath }: SecurityOptions,
): string {
  const own = nonce === null ? "'self'" : `'self' 'nonce-${nonce}'`;
  return [
    "default-src 'none'",
    `script-src ${own}`,
    `style-src ${own}`,
    "img-src 'self' data: https:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    `form-action ${["'self'", ...formTargets].join(" ")}`,
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    ...secure ? ["upgrade-insecure-requests"] : [],
    ...reportPath === undefined ? [] : [`report-uri ${reportPath}`],
  ].join("; ");
}

function strictTransport(secure: boolean): HeaderList {
  return secure ? [["strict-transport-security", "max-age=63072000; includeSubDomains"]] : [];
}
