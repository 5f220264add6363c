import { hexOf } from '../../core/primitives/bytes.ts'
import { ByteWriter } from '../../core/primitives/byte-writer.ts'
import { writeCertificate, type Certificate } from '../../core/wire/certificate.ts'

/**
 * The protocol found that more than f members lied, or that two kernels disagree. The message carries the certificates that prove
 * it, as hexadecimal text of their canonical bytes.
 */
export class HaltError extends Error {
  override readonly name = 'HaltError'

  constructor(reason: string, certificates: readonly Certificate[]) {
    super([reason, ...certificates.map(textOf)].join('\n  certificate '))
  }
}

function textOf(certificate: Certificate): string {
  const writer = new ByteWriter(256)
  writeCertificate(writer, certificate)
  return hexOf(writer.finish())
}
