import { markup, type Markup } from './markup.ts'

/** A name and what it is, as a row of a table. */
export type Row = readonly [name: string, value: string]

/** Names on the left, values on the right. */
export function pairTable(label: string, rows: readonly Row[]): Markup {
  const body = rows.map(
    ([name, value]) =>
      markup`<tr>
        <th scope="row">${name}</th>
        <td>${value}</td>
      </tr>`,
  )
  return scrolling(
    label,
    markup`<table class="pairs">
      <tbody>
        ${body}
      </tbody>
    </table>`,
  )
}

/** Head of a column that holds words: they are read from the left. */
export interface WordsHead {
  readonly words: string
}

/**
 * A table of figures: the first cell of each row names it. A cell may be markup of its own; columns of figures are set to
 * the right, those with a `WordsHead` to the left.
 */
export function figureTable(
  label: string,
  heads: readonly (string | WordsHead)[],
  rows: readonly (readonly (string | Markup)[])[],
): Markup {
  const kindOf = (column: number): string =>
    typeof heads[column] === 'object' ? 'words' : 'number'
  const body = rows.map(
    ([name = '', ...cells]) =>
      markup`<tr>
        <th scope="row">${name}</th>
        ${cells.map((cell, i) => markup`<td class="${kindOf(i + 1)}">${cell}</td>`)}
      </tr>`,
  )
  const head = heads.map(
    (each, i) =>
      markup`<th scope="col" class="${kindOf(i)}">
        ${typeof each === 'object' ? each.words : each}
      </th>`,
  )
  return scrolling(
    label,
    markup`<table class="numbers">
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>`,
  )
}

/** A part of the page with a heading that the contents lead to. */
export function section(id: string, title: string, ...content: readonly Markup[]): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${content}
  </section>`
}

/** A share from 0 to 1 as a bar beside its words; eyes only, the words say it too. */
export function bar(share: number, kind = ''): Markup {
  const percent = Math.round(1_000 * Math.min(1, Math.max(0, share))) / 10
  return markup`<span class="bar ${kind}" aria-hidden="true"><span style="width: ${percent}%"></span></span>`
}

/** Wide tables scroll by themselves, with the keyboard too. */
export function scrolling(label: string, table: Markup, kind = ''): Markup {
  return markup`<div class="scroll ${kind}" tabindex="0" role="region" aria-label="${label}">
    ${table}
  </div>`
}
