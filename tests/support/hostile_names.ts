/** Names that people and machines really type, each of which has broken some page somewhere. */
export const HOSTILE_NAMES: readonly string[] = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "'; DROP TABLE tenants; --",
  "\u202Egnp.exe\u202C",
  "🦞🦞🦞 👩‍👩‍👧‍👦",
  "W".repeat(200),
  "line one\r\nline two: injected",
  '=cmd|"/c calc"!A1',
  "{{constructor.constructor('alert(1)')()}}",
  "</style><style>body{display:none}</style>",
  "&lt;b&gt;",
  "مرحبا بالعالم",
];
