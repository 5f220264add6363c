import type { SyntaxNode } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'

/** One `label op "value"`. */
export interface Matcher {
  readonly label: string
  readonly operator: string
  readonly value: string
}

/** One vector selector of an expression. */
export interface Selector {
  readonly metric: string
  readonly matchers: readonly Matcher[]
  /** Text between the brackets of a range, null for an instant vector. */
  readonly range: string | null
  /** The function that the range is given to, null outside of a call. */
  readonly function: string | null
}

/** What an expression reads, and where it is no PromQL. */
export interface Analysis {
  readonly selectors: readonly Selector[]
  /** Pieces of text that the grammar does not accept. */
  readonly errors: readonly string[]
}

/** Durations that Grafana fills in; any duration does for the grammar. */
const GRAFANA_DURATION = /\$__(?:rate_interval|interval|range)\b/g
const STAND_IN = '987s'

/** Parses PromQL, with Grafana's variables in it, by the grammar of Prometheus itself. */
export function analysePromql(expression: string): Analysis {
  const durations: string[] = []
  const text = expression.replace(GRAFANA_DURATION, (variable) => {
    durations.push(variable)
    return STAND_IN
  })
  const selectors: Selector[] = []
  const errors: string[] = []
  const tree = parser.parse(text)
  tree.iterate({
    enter({ node }) {
      if (node.type.isError) errors.push(text.slice(Math.max(0, node.from - 20), node.to + 20))
      if (node.name === 'VectorSelector') selectors.push(selectorOf(node, text, durations))
    },
  })
  return { selectors, errors }
}

function selectorOf(node: SyntaxNode, text: string, durations: string[]): Selector {
  const name = node.getChild('Identifier')
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
  const range = node.parent?.name === 'MatrixSelector' ? rangeOf(node.parent, text) : null
  return {
    metric: name === null ? '' : textOf(name, text),
    matchers: matchers.map((matcher) => matcherOf(matcher, text)),
    range: range === STAND_IN ? (durations.shift() ?? range) : range,
    function: functionOf(node, text),
  }
}

function matcherOf(node: SyntaxNode, text: string): Matcher {
  const part = (name: string): string => {
    const child = node.getChild(name)
    return child === null ? '' : textOf(child, text)
  }
  return {
    label: part('LabelName'),
    operator: part('MatchOp'),
    value: part('StringLiteral').slice(1, -1),
  }
}

function rangeOf(matrix: SyntaxNode, text: string): string {
  const inner = textOf(matrix, text)
  return inner.slice(inner.lastIndexOf('[') + 1, inner.lastIndexOf(']'))
}

function functionOf(node: SyntaxNode, text: string): string | null {
  for (let at = node.parent; at !== null; at = at.parent) {
    const identifier = at.name === 'FunctionCall' ? at.getChild('FunctionIdentifier') : null
    if (identifier !== null) return textOf(identifier, text)
  }
  return null
}

function textOf(node: SyntaxNode, text: string): string {
  return text.slice(node.from, node.to)
}
