import { StreamClient, StreamError } from '@shardnet/node/client'
import type { Target } from './network.ts'
import type { StreamHandlers, ValidatorStream } from './stream.ts'

/** Opens the binary stream of a validator. Whatever goes wrong ends as one `onClosed`. */
export function openWebSocketStream(target: Target, handlers: StreamHandlers): ValidatorStream {
  const abort = new AbortController()
  let client: StreamClient | null = null
  let isClosed = false
  const close = (): void => {
    if (isClosed) return
    isClosed = true
    handlers.onClosed()
  }
  const open = async (): Promise<void> => {
    const listener = {
      onRefused: (refusals) => handlers.onFrame({ kind: 'refused', refusals }),
      onAcknowledged: (ranges) => handlers.onFrame({ kind: 'acknowledged', ranges }),
      onBusy: (range, retryAfterMs) => handlers.onFrame({ kind: 'busy', ...range, retryAfterMs }),
      onEvent: (event) => handlers.onFrame({ kind: 'event', event }),
      onEventDigest: (digest) => handlers.onFrame({ kind: 'eventDigest', ...digest }),
      onEventMissing: (height) => handlers.onFrame({ kind: 'eventMissing', height }),
      onClose: close,
    } satisfies Parameters<typeof StreamClient.connect>[1]
    client = await StreamClient.connect(target.httpAddress, listener, { signal: abort.signal })
    handlers.onFrame(client.welcome)
  }
  open().catch((error: unknown) => {
    // Nobody there, or somebody else: the link tries again. Anything else is our own mistake and must be seen.
    close()
    if (!(error instanceof StreamError)) throw error
  })
  return {
    subscribe: (detail, fromHeight) => client?.subscribe(detail, fromHeight),
    submit: (firstReference, transactions) => client?.submit(firstReference, transactions),
    requestEvent: (height) => client?.requestEvent(height),
    bufferedBytes: () => client?.bufferedBytes ?? 0,
    close: () => {
      abort.abort()
      client?.close()
    },
  }
}
