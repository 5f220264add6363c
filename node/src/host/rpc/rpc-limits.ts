/** Bounds of the RPC port; each holds whatever clients do. */
export interface RpcLimits {
  /** Open TCP connections, WebSockets included; more are dropped on accept. */
  readonly connectionsMax: number
  readonly subscribersMax: number
  readonly streamsMax: number
  readonly bodyBytesMax: number
  readonly batchCallsMax: number
  readonly headerBytesMax: number
  readonly headersTimeoutMs: number
  readonly requestTimeoutMs: number
  /** A connection that does nothing for this long is closed. */
  readonly idleTimeoutMs: number
  /** A WebSocket that does not answer a ping within this is closed. */
  readonly pingIntervalMs: number
  /** Bytes that wait for a client to read them; above it the client is disconnected. */
  readonly clientBufferBytesMax: number
  readonly subscriptionsPerClientMax: number
  readonly callsInFlightPerClientMax: number
  /** How long sendTransaction waits until the transaction is durable. */
  readonly acknowledgeTimeoutMs: number
}

export const defaultRpcLimits: RpcLimits = {
  connectionsMax: 1024,
  subscribersMax: 128,
  streamsMax: 512,
  bodyBytesMax: 1_048_576,
  batchCallsMax: 10,
  headerBytesMax: 8192,
  headersTimeoutMs: 5000,
  requestTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  pingIntervalMs: 30_000,
  clientBufferBytesMax: 8_388_608,
  subscriptionsPerClientMax: 5,
  callsInFlightPerClientMax: 16,
  acknowledgeTimeoutMs: 10_000,
}
