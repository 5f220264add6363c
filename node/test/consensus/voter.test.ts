import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Recovery } from '../../src/core/consensus/recovery.ts'
import { step } from '../../src/core/consensus/step.ts'
import type { Certificate } from '../../src/core/wire/certificate.ts'
import { Cluster } from './cluster.ts'
import { Forge } from './forge.ts'
import { CLOCK, voter, votesIn } from './voter.ts'

test('a view between parent and block without its skip certificate: no PREPARE until the certificate is here', () => {
  const cluster = new Cluster(4, 31)
  const forge = new Forge(cluster)
  const { replica, feed } = voter(cluster, 0)
  feed({ kind: 'certificate', certificate: forge.certificate([1, 2, 3], 'skip', 2) }, 1)
  assert.equal(replica.view, 3)
  const asked = feed({ kind: 'proposal', proposal: forge.proposal(3) }, 3)
  assert.deepEqual(votesIn(asked), [])
  assert(
    asked.some((effect) => effect.kind === 'send' && effect.message.kind === 'fetchCertificates'),
  )
  const effects = feed(
    { kind: 'certificate', certificate: forge.certificate([1, 2, 3], 'skip', 1) },
    1,
  )
  assert(votesIn(effects).includes('prepare 3'))
})

test('a restarted voter does not PREPARE another block in a view in which it voted', () => {
  const cluster = new Cluster(4, 32)
  const forge = new Forge(cluster)
  const { feed } = voter(cluster, 0)
  const written = feed({ kind: 'proposal', proposal: forge.proposal(1) }, 1).flatMap((effect) =>
    effect.kind === 'persist' ? effect.records : [],
  )
  const recovery = new Recovery(cluster.optionsOf(0), [])
  const { networkId } = cluster.optionsOf(0)
  recovery.take({ kind: 'birth', networkId, shard: 0, validator: 0, epoch: 0 })
  for (const record of written) recovery.take(record)
  const replica = recovery.finish()
  const started = step(replica, { kind: 'start' }, CLOCK)
  assert.deepEqual(votesIn(started).slice(0, 1), ['prepare 1'], 'the recorded vote goes out again')
  const other = forge.proposal(1, { timeMs: 1_800_000_000_777 })
  const effects = step(
    replica,
    { kind: 'message', from: 1, message: { kind: 'proposal', proposal: other } },
    CLOCK,
  )
  assert(
    !effects.some(
      (effect) => effect.kind === 'persist' && effect.records.some(({ kind }) => kind === 'vote'),
    ),
  )
})

test('a forged copy of a certificate that we hold does not get into our log', () => {
  const cluster = new Cluster(4, 33)
  const forge = new Forge(cluster)
  const { feed } = voter(cluster, 0)
  const skip = forge.certificate([1, 2, 3], 'skip', 1)
  feed({ kind: 'certificate', certificate: skip }, 1)
  const forged: Certificate = { ...skip, signature: new Uint8Array(96) }
  const effects = feed(
    { kind: 'proposal', proposal: forge.proposal(2, {}, { skipCertificates: [forged] }) },
    2,
  )
  const logged = effects.flatMap((effect) => (effect.kind === 'persist' ? effect.records : []))
  const proposal = logged.find((record) => record.kind === 'proposal')
  assert(proposal?.kind === 'proposal')
  assert.deepEqual(proposal.proposal.skipCertificates, [skip])
})
