/** Text on a page with the colours in which it is drawn, as CSS computes them. */
export interface DrawnText {
  readonly text: string
  readonly color: string
  readonly background: string
}

/** What WCAG 2 asks of text of ordinary size (AA). */
const RATIO_MIN = 4.5

/** Texts that are hard to read, with their ratio of contrast (WCAG 2). Pure. */
export function faintTexts(texts: readonly DrawnText[]): readonly string[] {
  return texts
    .map((each) => ({ ...each, ratio: contrastOf(each.color, each.background) }))
    .filter(({ ratio }) => ratio < RATIO_MIN)
    .map(({ text, color, background, ratio }) => {
      return `${JSON.stringify(text)}: ${ratio.toFixed(2)} of ${color} on ${background}`
    })
}

function contrastOf(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminanceOf(color: string): number {
  const channels = [...color.matchAll(/[\d.]+/g)].slice(0, 3).map(([text]) => Number(text) / 255)
  const [red = 0, green = 0, blue = 0] = channels.map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  )
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
