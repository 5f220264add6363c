import type { ApiCall } from '../cluster/api-proxy/api-call.ts'

/** One verb of one resource, as a rule of a Role grants it. */
export interface Right {
  /** `group/resource[/subresource]`; nothing before the stroke for the core group. */
  readonly resource: string
  readonly verb: string
}

export interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

export function nameOfRight({ resource, verb }: Right): string {
  return `${verb} ${resource}`
}

export function rightsIn(rules: readonly Rule[]): readonly Right[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.map((verb) => ({ resource: `${group}/${resource}`, verb })),
      ),
    ),
  )
}

/** The same rules without one verb of one resource. Each rule of ours is about one resource. */
export function without(rules: readonly Rule[], { resource, verb }: Right): readonly Rule[] {
  return rules.flatMap((rule) => {
    if (`${rule.apiGroups[0] ?? ''}/${rule.resources[0] ?? ''}` !== resource) return rule
    const verbs = rule.verbs.filter((each) => each !== verb)
    // A rule without verbs is none, and refused.
    return verbs.length === 0 ? [] : { ...rule, verbs }
  })
}

/** The rights that a request needed, by its answer: an apply is a patch, and a creation where it made the object. */
export function rightsOfCall(call: ApiCall, status: number): readonly Right[] {
  const { group, resource, subresource, verb } = call
  const name = `${group}/${subresource === '' ? resource : `${resource}/${subresource}`}`
  if (verb !== 'apply') return [{ resource: name, verb }]
  const patch = { resource: name, verb: 'patch' }
  return status === 201 ? [patch, { resource: name, verb: 'create' }] : [patch]
}

/** Whether a refused request is one that lacked a right. A refused apply does not say which of its two rights it lacked. */
export function isLackOf(right: Right, call: ApiCall): boolean {
  const [asked] = rightsOfCall(call, 403)
  if (asked === undefined || asked.resource !== right.resource) return false
  return asked.verb === right.verb || (call.verb === 'apply' && right.verb === 'create')
}
