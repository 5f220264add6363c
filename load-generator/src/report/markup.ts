/** Markup that may stand in a page as it is. Only `markup` and `trusted` make it. */
export interface Markup {
  readonly text: string
}

type Part = Markup | string | number | readonly Markup[]

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Builds markup from a template; every text that is put in is escaped, in elements and in quoted attributes alike. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = strings[0] ?? ''
  parts.forEach((part, i) => (text += textOf(part) + (strings[i + 1] ?? '')))
  return { text }
}

/** Takes our own text as markup: style sheets and scripts of this room, never anything from a result. */
export function trusted(text: string): Markup {
  return { text }
}

/** Data for a script of the page: JSON that cannot end its element, whatever texts it holds. */
export function jsonForScript(value: unknown): Markup {
  return {
    text: JSON.stringify(value)
      .replaceAll('<', '\\u003c')
      .replaceAll('\u2028', '\\u2028')
      .replaceAll('\u2029', '\\u2029'),
  }
}

function textOf(part: Part): string {
  if (typeof part === 'string')
    return part.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
  if (typeof part === 'number') return String(part)
  if ('text' in part) return part.text
  return part.map((each) => each.text).join('')
}
