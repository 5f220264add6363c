/** Words as a person would type them again. */
export function commandText(words: readonly string[]): string {
  const quoted = words.map((word) =>
    /^[-\w%./:=@+,]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`,
  )
  return ['npx', 'shardnet', ...quoted].join(' ')
}
