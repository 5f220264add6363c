/** A transfer as its client remembers it. */
export interface ClientTransfer {
  /** First 8 bytes of its signature as text; unique in a world. */
  readonly tag: string
  readonly shard: number
  readonly validUntil: number
  readonly bytes: Uint8Array
}
