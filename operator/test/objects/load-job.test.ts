import { LoadPod, TRACE_FOLDER } from '@shardnet/load-generator/pod'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoadTest } from '../../src/api/load-test.ts'
import { goldenTestnet } from '../../src/objects/golden.ts'
import { loadObjects } from '../../src/objects/load-job.ts'
import { networkPlanOf } from '../../src/plan/network-plan.ts'

const CONTEXT = {
  namespace: 'default',
  owner: { apiVersion: 'shardnet.dev/v1alpha1', kind: 'LoadTest', name: 'light', uid: 'a-uid' },
}

interface JobSpec {
  readonly activeDeadlineSeconds: number
  readonly completionMode: string
  readonly completions: number
  readonly parallelism: number
  readonly backoffLimit: number
  readonly template: {
    readonly metadata: { readonly labels: object }
    readonly spec: {
      readonly subdomain?: string
      readonly volumes: readonly object[]
      readonly containers: readonly [
        {
          readonly env: readonly [{ readonly value: string }]
          readonly ports: readonly [{ readonly containerPort: number }]
          readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
        },
      ]
    }
  }
}

function objectsOf(spec: object) {
  const loadTest = LoadTest.parse({
    apiVersion: 'shardnet.dev/v1alpha1',
    kind: 'LoadTest',
    metadata: { name: 'light' },
    spec: { testnet: 'demo', ...spec },
  })
  const network = networkPlanOf(goldenTestnet(), 1)
  return loadObjects(loadTest, network, 'localhost/shardnet', CONTEXT)
}

test('several generators are one Indexed Job whose pods find the first one by name', () => {
  const [service, policy, job] = objectsOf({ generators: 3 })
  assert.ok(service?.kind === 'Service' && policy?.kind === 'NetworkPolicy' && job?.kind === 'Job')
  const spec = job['spec'] as JobSpec
  assert.partialDeepStrictEqual(spec, {
    completionMode: 'Indexed',
    completions: 3,
    parallelism: 3,
    backoffLimit: 0,
  })
  const { selector } = service['spec'] as { readonly selector: object }
  assert.partialDeepStrictEqual(spec.template.metadata.labels, selector)
  assert.partialDeepStrictEqual(service['spec'], { publishNotReadyAddresses: true })
  assert.equal(spec.template.spec.subdomain, service.metadata.name)
  const [{ env, ports }] = spec.template.spec.containers
  const pod = LoadPod.parse(JSON.parse(env[0].value))
  assert.equal(pod.generators, 3)
  assert.equal(pod.run, 'a-uid')
  const host = `${job.metadata.name}-0.${service.metadata.name}`
  assert.equal(pod.coordinator, `${host}:${ports[0].containerPort}`)
})

test('one generator has nobody to meet', () => {
  const [job, ...others] = objectsOf({ generators: 1 })
  assert.equal(job?.kind, 'Job')
  assert.equal(others.length, 0)
})

test('a trace is a key of a ConfigMap, and may last', () => {
  const [job] = objectsOf({
    workload: { profile: 'trace', file: 'day.csv' },
    arrivals: { process: 'trace', schedule: [] },
    traceConfigMap: 'recorded',
  })
  assert.ok(job !== undefined)
  const { activeDeadlineSeconds, template } = job['spec'] as JobSpec
  assert.ok(activeDeadlineSeconds > 86_400)
  assert.partialDeepStrictEqual(template.spec.volumes.at(-1), { configMap: { name: 'recorded' } })
  const [{ volumeMounts, env }] = template.spec.containers
  assert.partialDeepStrictEqual(volumeMounts.at(-1), { name: 'trace', mountPath: TRACE_FOLDER })
  assert.equal(LoadPod.parse(JSON.parse(env[0].value)).workload.file, 'day.csv')
})
