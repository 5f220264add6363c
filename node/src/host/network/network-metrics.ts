import type { NodeCatalogue } from '../metrics/catalogue.ts'
import type { Metrics } from '../metrics/create-metrics.ts'
import type { PeerNetwork } from './peer-network.ts'
import { PURPOSES } from './purpose.ts'
import type { RuleLinkShaper } from './rule-link-shaper.ts'

/** Copies the running totals of the network and its shaper into the metrics at every scrape. */
export function watchNetwork(
  network: PeerNetwork,
  shaper: RuleLinkShaper,
  { handles, onScrape }: Metrics<NodeCatalogue>,
): void {
  onScrape(() => {
    for (const purpose of PURPOSES) {
      const traffic = network.traffic[purpose]
      handles.framesSent.total(traffic.framesSent, { purpose })
      handles.bytesSent.total(traffic.bytesSent, { purpose })
      handles.framesReceived.total(traffic.framesReceived, { purpose })
      handles.bytesReceived.total(traffic.bytesReceived, { purpose })
      handles.framesDropped.total(traffic.framesDropped, { purpose, reason: 'queueFull' })
      handles.framesDropped.total(traffic.framesShaped, { purpose, reason: 'shaped' })
      handles.streamsRefused.total(traffic.streamsRefused, { purpose })
    }
    const peers = network.peers()
    handles.peersConnected.set(peers.filter(({ isConnected }) => isConnected).length)
    handles.queuedBytes.set(peers.reduce((sum, { queuedBytes }) => sum + queuedBytes, 0))
    handles.strangersRefused.total(network.refusedConnections)
    handles.linkRules.set(shaper.rules.length)
    const { dropped, delayed } = shaper.totals
    for (const direction of ['outbound', 'inbound'] as const) {
      handles.framesShaped.total(dropped[direction], { direction, verdict: 'dropped' })
      handles.framesShaped.total(delayed[direction], { direction, verdict: 'delayed' })
    }
  })
}
