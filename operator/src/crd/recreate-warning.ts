import { API_GROUP, API_VERSION_NAME } from './custom-resource.ts'

const MESSAGE =
  'This starts a new, empty generation of the network: spec.reshard is Recreate, so the ledger is not carried over.'

/** Fields whose change is another network. The genesis is not among them: it cannot change at all. */
const FIELDS = ['shards', 'validatorsPerShard', 'protocol', 'placement'] as const

/**
 * Admission policies that answer an edit which discards a ledger with a warning, and let it through. One for the object,
 * one for `kubectl scale`, which never sees the object.
 */
export function recreateWarnings(): readonly object[] {
  const isSame = FIELDS.map((field) => `object.spec.${field} == oldObject.spec.${field}`)
  return [
    ...warning('shardnet-recreate', 'testnets', isSame.join(' && ')),
    ...warning(
      'shardnet-recreate-scale',
      'testnets/scale',
      'object.spec.replicas == oldObject.spec.replicas',
    ),
  ]
}

function warning(name: string, resource: string, expression: string): readonly object[] {
  const metadata = {
    name,
    labels: { 'app.kubernetes.io/name': 'shardnet', 'app.kubernetes.io/component': 'crds' },
  }
  const apiVersion = 'admissionregistration.k8s.io/v1'
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        // A warning that cannot be given stops nobody.
        failurePolicy: 'Ignore',
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: [API_GROUP],
              apiVersions: [API_VERSION_NAME],
              operations: ['UPDATE'],
              resources: [resource],
            },
          ],
        },
        validations: [{ expression, message: MESSAGE }],
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: name, validationActions: ['Warn'] },
    },
  ]
}
