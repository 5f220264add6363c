/** Path of a storage class. */
export function storageClassPath({ metadata }: { readonly metadata: { readonly name: string } }) {
  return `/apis/storage.k8s.io/v1/storageclasses/${metadata.name}`
}
