/** The parts of a dashboard's JSON that the rules read. Everything may be missing: that is what they look for. */
export interface LintedBoard {
  readonly uid?: string
  readonly title?: string
  readonly description?: string
  readonly editable?: boolean
  readonly templating?: { readonly list?: readonly LintedVariable[] }
  readonly annotations?: { readonly list?: readonly LintedAnnotation[] }
  readonly links?: readonly { readonly type?: string }[]
  readonly panels?: readonly LintedPanel[]
}

interface LintedVariable {
  readonly type?: string
  readonly name?: string
  readonly query?: unknown
  readonly datasource?: { readonly uid?: string }
}

interface LintedAnnotation {
  readonly name?: string
  readonly expr?: string
  readonly datasource?: { readonly uid?: string }
}

/** A row has no queries; a panel has. */
export interface LintedPanel {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly datasource?: { readonly uid?: string }
  readonly gridPos?: LintedPlace
  readonly fieldConfig?: { readonly defaults?: { readonly unit?: string } }
  readonly targets?: readonly { readonly expr?: string; readonly refId?: string }[]
}

/** In columns and rows of Grafana's grid. */
export interface LintedPlace {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

/** An expression of a board and where it stands. */
export interface LintedQuery {
  readonly where: string
  readonly expression: string
}

/** Panels without the headings between them. */
export function panelsOf(board: LintedBoard): readonly LintedPanel[] {
  return (board.panels ?? []).filter(({ type }) => type !== 'row')
}

/** Every expression that Grafana sends, those of annotations included. */
export function queriesOf(board: LintedBoard): readonly LintedQuery[] {
  const uid = board.uid ?? '?'
  const ofPanels = panelsOf(board).flatMap(({ title, targets }) =>
    (targets ?? []).map(({ expr }) => ({ where: `${uid} / ${title}`, expression: expr ?? '' })),
  )
  const ofAnnotations = (board.annotations?.list ?? []).map(({ name, expr }) => ({
    where: `${uid} / annotation ${name}`,
    expression: expr ?? '',
  }))
  return [...ofPanels, ...ofAnnotations]
}
