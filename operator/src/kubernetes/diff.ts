const CONTEXT_LINES = 2

/** The lines that differ between two texts, with a few around them; empty when there are none. */
export function diffOf(before: string, after: string): readonly string[] {
  const lines = marked(linesOf(before), linesOf(after))
  const isNear = (index: number) =>
    lines
      .slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1)
      .some((line) => !line.startsWith(' '))
  const shown: string[] = []
  let isGap = false
  for (const [index, line] of lines.entries()) {
    if (isNear(index)) {
      if (isGap && shown.length > 0) shown.push('…')
      shown.push(line)
    }
    isGap = !isNear(index)
  }
  return shown
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

/** By the longest common subsequence: objects have hundreds of lines, not thousands. */
function marked(before: readonly string[], after: readonly string[]): readonly string[] {
  const width = after.length + 1
  const lengths = new Uint32Array((before.length + 1) * width)
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const result: string[] = []
  let i = 0
  let j = 0
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      result.push(`  ${before[i]}`)
      i++
      j++
    } else if (j < after.length && (i === before.length || at(i, j + 1) >= at(i + 1, j))) {
      result.push(`+ ${after[j]}`)
      j++
    } else {
      result.push(`- ${before[i]}`)
      i++
    }
  }
  return result
}
