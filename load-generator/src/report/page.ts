import { readFileSync } from 'node:fs'
import { markup, trusted, type Markup } from './markup.ts'

/** Nothing but the file is ever loaded: a page opens without a network and tells nobody that it was read. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

/** A whole page that needs nothing else. `styles` come before the common ones. */
export function pageOf(title: string, styles: Markup, body: Markup): string {
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${title}</title>
<style>${styles}
${assetOf(import.meta.resolve('./report.css'))}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the figures</a>
${body}
</body>
</html>
`
  return page.text
}

/** A file of this room or of a library, by its address, as part of a page. */
export function assetOf(address: string): Markup {
  return trusted(readFileSync(new URL(address), 'utf8'))
}
