/** What a picture of a board needs of its JSON. */
export interface DrawnBoard {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly panels: readonly DrawnPanel[]
  readonly annotations: { readonly list: readonly DrawnAnnotation[] }
}

export interface DrawnPanel {
  readonly type: string
  readonly title: string
  readonly gridPos: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly fieldConfig?: { readonly defaults?: { readonly unit?: string } }
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
}

export interface DrawnAnnotation {
  readonly name: string
  readonly expr: string
  readonly iconColor: string
}

/** One line: value by second. */
export interface DrawnSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly points: readonly (readonly [second: number, value: number])[]
}

export interface Span {
  readonly fromSeconds: number
  readonly toSeconds: number
}
