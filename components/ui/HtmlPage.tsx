import type { ComponentChildren } from "preact";
import type { Theme } from "./ThemeSwitch.tsx";

const SHEETS = ["tokens", "base", "layout", "components", "charts", "print"] as const;

/** `asset` makes an address that may be cached for ever. */
export function HtmlPage(
  { title, lang, theme, asset, refreshSeconds, children }: {
    title: string;
    lang: string;
    theme: Theme;
    asset: (path: string) => string;
    /** Where no script runs, the page is read again so often; a script follows a stream instead. */
    refreshSeconds?: number | undefined;
    children: ComponentChildren;
  },
) {
  return (
    <html lang={lang} data-theme={theme === "system" ? undefined : theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content={theme === "system" ? "light dark" : theme} />
        <title>{title}</title>
        {refreshSeconds !== undefined && (
          <noscript>
            <meta http-equiv="refresh" content={String(refreshSeconds)} />
          </noscript>
        )}
        <link rel="icon" href={asset("/favicon.svg")} type="image/svg+xml" />
        {SHEETS.map((name) => (
          <link
            key={name}
            rel="stylesheet"
            href={asset(`/css/${name}.css`)}
          />
        ))}
      </head>
      <body>{children}</body>
    </html>
  );
}
