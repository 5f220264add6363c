const HEX_DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
/** Value of a hexadecimal digit by its character code; 255 for every other character. */
const HEX_VALUES = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase())
  return value < 0 ? 255 : value
})
/** A call takes its characters as arguments, which lie on the stack. */
const HEX_BYTES_PER_CALL = 512

/** Lower-case hexadecimal text of the bytes. One flat string: joined ones are slow keys of a map. */
export function hexOf(bytes: Uint8Array): string {
  if (bytes.length > HEX_BYTES_PER_CALL) {
    const rest = bytes.subarray(HEX_BYTES_PER_CALL)
    return hexOf(bytes.subarray(0, HEX_BYTES_PER_CALL)) + hexOf(rest)
  }
  const codes: number[] = []
  for (const byte of bytes) codes.push(HEX_DIGITS[byte >> 4] ?? 0, HEX_DIGITS[byte & 15] ?? 0)
  return String.fromCharCode(...codes)
}

/**
 * Bytes of hexadecimal text of even length.
 * @throws RangeError when the text is anything else.
 */
export function bytesOfHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2)
  let isHex = text.length % 2 === 0
  for (let i = 0; i < bytes.length; i++) {
    const high = HEX_VALUES[text.charCodeAt(2 * i)] ?? 255
    const low = HEX_VALUES[text.charCodeAt(2 * i + 1)] ?? 255
    isHex &&= (high | low) < 16
    bytes[i] = (high << 4) | low
  }
  if (!isHex) throw new RangeError('expected hexadecimal text of even length')
  return bytes
}

/** One array with all parts in order. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/** True when both have the same length and content. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Writes an ASCII text as bytes. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i) & 0x7f
  return bytes
}
