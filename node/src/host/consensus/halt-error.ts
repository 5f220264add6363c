/** The protocol found that more than f members lied, or that two kernels disagree. Its certificates are the evidence. */
export class HaltError extends Error {
  override readonly name = 'HaltError'
}
