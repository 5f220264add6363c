import type { OwnerReference } from './kubernetes-object.ts'

/** What builders need beside the plan. */
export interface BuildContext {
  readonly namespace: string
  /** Who the object belongs to; none for what a finalizer removes. */
  readonly owner: OwnerReference | null
}

/** The start of an object's metadata, the same for all. */
export function metadataOf(
  name: string,
  labels: Readonly<Record<string, string>>,
  { namespace, owner }: BuildContext,
) {
  return { name, namespace, labels, ...(owner === null ? {} : { ownerReferences: [owner] }) }
}
