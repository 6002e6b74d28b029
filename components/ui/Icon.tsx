/** Strokes on a 20 by 20 grid, drawn for this product. */
const PATHS = {
  overview: "M3 14.5a7 7 0 1 1 14 0M10 14.5l3.6-4.6M3 14.5h2M15 14.5h2M10 7.5v1.5",
  usage: "M3 17h14M5 14V9.5M8.4 14V6M11.7 14v-3M15 14V4",
  requests: "M3 5.5h3M9 5.5h8M3 10h3M9 10h8M3 14.5h3M9 14.5h8",
  keys: "M12.5 11a4 4 0 1 0-3.6-2.3L3 14.6V17h2.6v-2h2v-2l1.8-1.8M13.4 6.6h.01",
  start: "M4 6l4 4-4 4M10.5 15H16",
  plan: "M3 16.5h4v-4h4v-4h3.5v-5H17M3 16.5V12h4M7 12V8.5h4V5",
  invoices: "M5 2.5h10v15l-2.5-1.6L10 17.5l-2.5-1.6L5 17.5zM7.8 6.5h4.4M7.8 9.5h4.4M7.8 12.3h2.2",
  alerts: "M5 14V9a5 5 0 0 1 10 0v5l1.5 1H3.500zM8.3 17.400h3.4",
  members:
    "M7.5 9.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 16.500c0-3 2-4.5 5-4.500s5 1.5 5 4.500M13 4a3 3 0 0 1 0 5.500M14.5 12.300c2 .5 3 2 3 4.2",
  audit:
    "M10 2.500l6.5 2.300v5c0 3.8-2.7 6.4-6.5 7.7-3.8-1.3-6.5-3.9-6.5-7.700v-5zM7.3 9.900l2 2 3.6-3.8",
  settings: "M3 5.500h7M14 5.500h3M3 14.500h3M10 14.500h7M12 3.500v4M8 12.500v4M3 10h14",
  menu: "M3 6h14M3 10h14M3 14h14",
  close: "M5 5l10 10M15 5L5 15",
  sun:
    "M10 6.500a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 2v1.500M10 16.500V18M2 10h1.500M16.5 10H18M4.3 4.300l1.1 1.100M14.6 14.600l1.1 1.100M4.3 15.700l1.1-1.100M14.6 5.400l1.1-1.1",
  moon: "M16.5 11.600A6.8 6.8 0 0 1 8.4 3.500a6.8 6.8 0 1 0 8.1 8.100z",
  system: "M3 4h14v9.500H3zM7.5 16.500h5M10 13.500v3",
  check: "M4 10.500l4 4 8-9",
  warn: "M10 3L2.5 16.500h15zM10 8v4M10 14.300h.01",
  info: "M10 2.800a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.400zM10 9v4.500M10 6.500h.01",
  out: "M8 3.500H4v13h4M12.5 13.500L16 10l-3.5-3.500M16 10H8",
  download: "M10 3v9M6.5 8.800L10 12.300l3.5-3.500M3.5 16.500h13",
  print: "M6 7V3h8v4M6 14H3.500V7h13v7H14M6 11.500h8v5.500H6z",
  plus: "M10 4v12M4 10h12",
  rotate: "M16 10a6 6 0 1 1-1.8-4.200M16.5 3v3.500H13",
  copy: "M7 7h9.500v9.500H7zM4 13H3.500V3.500H13V4",
  external: "M8 4.500H4v11.500h11.500V12M11.5 3.500h5v5M16.5 3.500L9.5 10.5",
  search: "M9 3.500a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13 13l4 4",
  tenants: "M3.5 17V6.500L10 3l6.5 3.500V17M3.5 17h13M8 17v-4h4v4M7 8.500h.01M13 8.500h.01",
  money:
    "M3 5h14v10H3zM10 7.700a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.600zM5.5 7.500h.01M14.5 12.500h.01",
  webhook: "M7 6.500a3 3 0 1 1 5.3 2L15 13M9.5 7L6.5 12.500M6.5 12.500a2.5 2.5 0 1 0 2 3H14",
  clock: "M10 2.800a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.400zM10 6v4l3 2",
  anomaly: "M2.5 11h3.500l2-6 3.5 10 2-4h4",
  list: "M4 4h12v12H4zM7 8h6M7 12h4",
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration only: give the control its own text. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
