import type { RefusalName } from '../../client/refusal-code.ts'
import type { NodeCatalogue } from '../metrics/catalogue.ts'
import type { Metrics } from '../metrics/create-metrics.ts'
import type { DisconnectReason } from './client-guard.ts'

/** What the RPC server counts. */
export interface RpcMeter {
  called(outcome: 'ok' | 'error' | 'refused' | 'full', seconds: number): void
  submitted(count: number): void
  refused(code: RefusalName): void
  busy(count: number): void
  acknowledged(count: number): void
  disconnected(reason: DisconnectReason): void
}

/** Counts into the node's metrics. */
export function rpcMeterOf({ handles }: Metrics<NodeCatalogue>): RpcMeter {
  return {
    called(outcome, seconds) {
      handles.rpcRequests.inc({ outcome })
      handles.rpcSeconds.observe(seconds)
    },
    submitted: (count) => handles.submitted.add(count),
    refused: (code) => handles.refused.inc({ code }),
    busy: (count) => handles.busy.add(count),
    acknowledged: (count) => handles.acknowledged.add(count),
    disconnected: (reason) => handles.rpcDisconnects.inc({ reason }),
  }
}
