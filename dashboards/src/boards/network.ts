import { validator } from '../catalogues.ts'
import { recorded } from '../rules/recording-rules.ts'
import type { Board } from './board.ts'
import { plot } from './panel.ts'
import { from, rate, raw } from './select.ts'

const { instance } = recorded

/** Between validators, and between them and their clients: queues, peers, what the link shaper does. */
export const network: Board = {
  uid: 'shardnet-network',
  title: 'Network',
  description: 'Peers, traffic by purpose, queues, injected faults, and the door for clients.',
  rows: [
    {
      title: 'Peers',
      panels: [
        plot(
          { title: 'Connected peers', description: validator.peersConnected.help, unit: 'short' },
          { expression: raw(validator.peersConnected), legend: 'shard {{shard}} {{instance}}' },
        ),
        plot(
          {
            title: 'Strangers and broken streams',
            description: `${validator.strangersRefused.help} And streams: ${validator.streamsRefused.help}`,
            unit: 'cps',
          },
          {
            expression: `sum by (shard) (${rate(raw(validator.strangersRefused))})`,
            legend: 'shard {{shard}} connections',
          },
          {
            expression: `sum by (shard, purpose) (${rate(raw(validator.streamsRefused))})`,
            legend: 'shard {{shard}} streams {{purpose}}',
          },
        ),
      ],
    },
    {
      title: 'Traffic',
      panels: [
        plot(
          { title: 'Sent, by purpose', description: validator.bytesSent.help, unit: 'Bps' },
          {
            expression: `sum by (shard, purpose) (${rate(raw(validator.bytesSent))})`,
            legend: 'shard {{shard}} {{purpose}}',
          },
        ),
        plot(
          { title: 'Received, by purpose', description: validator.bytesReceived.help, unit: 'Bps' },
          {
            expression: `sum by (shard, purpose) (${rate(raw(validator.bytesReceived))})`,
            legend: 'shard {{shard}} {{purpose}}',
          },
        ),
        plot(
          { title: 'Frames sent', description: validator.framesSent.help, unit: 'pps' },
          {
            expression: `sum by (shard, purpose) (${rate(raw(validator.framesSent))})`,
            legend: 'shard {{shard}} {{purpose}}',
          },
        ),
        plot(
          { title: 'Frames received', description: validator.framesReceived.help, unit: 'pps' },
          {
            expression: `sum by (shard, purpose) (${rate(raw(validator.framesReceived))})`,
            legend: 'shard {{shard}} {{purpose}}',
          },
        ),
      ],
    },
    {
      title: 'Queues and faults',
      panels: [
        plot(
          { title: 'Waiting for peers', description: validator.queuedBytes.help, unit: 'bytes' },
          { expression: raw(validator.queuedBytes), legend: 'shard {{shard}} {{instance}}' },
        ),
        plot(
          {
            title: 'Dropped: queue full',
            description: instance.droppedFrames.help,
            unit: 'pps',
          },
          { expression: from(instance.droppedFrames), legend: 'shard {{shard}} {{instance}}' },
        ),
        plot(
          {
            title: 'Rules of the link shaper',
            description: validator.linkRules.help,
            unit: 'short',
          },
          { expression: raw(validator.linkRules), legend: 'shard {{shard}} {{instance}}' },
        ),
        plot(
          {
            title: 'Frames shaped',
            description: validator.framesShaped.help,
            unit: 'pps',
          },
          {
            expression: `sum by (shard, direction, verdict) (${rate(raw(validator.framesShaped))})`,
            legend: 'shard {{shard}} {{direction}} {{verdict}}',
          },
        ),
      ],
    },
    {
      title: 'Clients',
      panels: [
        plot(
          { title: 'Connections', description: validator.rpcConnections.help, unit: 'short' },
          {
            expression: `sum by (shard, kind) (${raw(validator.rpcConnections)})`,
            legend: 'shard {{shard}} {{kind}}',
          },
        ),
        plot(
          { title: 'Transactions turned away', description: instance.turnedAway.help, unit: 'cps' },
          { expression: from(instance.turnedAway), legend: 'shard {{shard}} {{instance}}' },
        ),
        plot(
          {
            title: 'Transactions waiting for a batch',
            description: validator.pendingTransactions.help,
            unit: 'short',
          },
          {
            expression: raw(validator.pendingTransactions),
            legend: 'shard {{shard}} {{instance}}',
          },
        ),
        plot(
          { title: 'JSON-RPC calls', description: validator.rpcRequests.help, unit: 'reqps' },
          {
            expression: `sum by (shard, outcome) (${rate(raw(validator.rpcRequests))})`,
            legend: 'shard {{shard}} {{outcome}}',
          },
        ),
        plot(
          {
            title: 'Clients hung up on',
            description: validator.rpcDisconnects.help,
            unit: 'cps',
          },
          {
            expression: `sum by (shard, reason) (${rate(raw(validator.rpcDisconnects))})`,
            legend: 'shard {{shard}} {{reason}}',
          },
        ),
        plot(
          {
            title: 'Signatures checked',
            description: validator.signaturesChecked.help,
            unit: 'cps',
          },
          {
            expression: `sum by (shard, verdict) (${rate(raw(validator.signaturesChecked))})`,
            legend: 'shard {{shard}} {{verdict}}',
          },
        ),
      ],
    },
  ],
}
