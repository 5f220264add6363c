/** One request to an API server, in the server's own words. */
export interface ApiCall {
  readonly verb: Verb
  /** Empty for the core group. */
  readonly group: string
  /** Plural, as in paths; the path itself for requests that name no resource (`/version`, `/apis`). */
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
}

export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'apply'
  | 'delete'
  | 'deletecollection'

const WRITES: ReadonlySet<Verb> = new Set([
  'create',
  'update',
  'patch',
  'apply',
  'delete',
  'deletecollection',
])

/** Reads a request as the API server does. The body of a `create` names what it makes. */
export function readCall(
  method: string,
  url: string,
  contentType: string,
  body: unknown = null,
): ApiCall {
  const { pathname, searchParams } = new URL(url, 'http://api')
  const place = placeOf(pathname.split('/').filter((part) => part !== ''))
  if (place === null) {
    const verb = method === 'GET' ? 'get' : verbOf(method, contentType, true)
    return { verb, group: '', resource: pathname, subresource: '', namespace: '', name: '' }
  }
  const isNamed = place.name !== ''
  const isWatch = method === 'GET' && ['true', '1'].includes(searchParams.get('watch') ?? '')
  const verb = isWatch ? 'watch' : verbOf(method, contentType, isNamed)
  return { ...place, verb, name: verb === 'create' && !isNamed ? nameIn(body) : place.name }
}

export function isWrite({ verb }: ApiCall): boolean {
  return WRITES.has(verb)
}

/** Names a call for people and for lists of cases: `apply statefulsets.apps demo/demo-0 status`. */
export function labelOf({ verb, group, resource, subresource, namespace, name }: ApiCall): string {
  const kind = group === '' ? resource : `${resource}.${group}`
  const object = namespace === '' ? name : `${namespace}/${name}`
  return [verb, kind, object, subresource].filter((part) => part !== '').join(' ')
}

type Place = Omit<ApiCall, 'verb'>

/** `/api/v1/…` or `/apis/GROUP/VERSION/…`, then `[namespaces/NAMESPACE/]RESOURCE[/NAME[/SUBRESOURCE]]`. */
function placeOf(parts: readonly string[]): Place | null {
  const [root = '', ...rest] = parts
  if (root !== 'api' && root !== 'apis') return null
  const group = root === 'api' ? '' : (rest[0] ?? '')
  const path = rest.slice(root === 'api' ? 1 : 2)
  const isInside = path[0] === 'namespaces' && path.length > 2 && path[2] !== 'status'
  const [resource = '', name = '', ...sub] = isInside ? path.slice(2) : path
  if (resource === '') return null
  const namespace = isInside ? (path[1] ?? '') : ''
  return { group, resource, subresource: sub.join('/'), namespace, name }
}

function verbOf(method: string, contentType: string, isNamed: boolean): Verb {
  switch (method) {
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return contentType.startsWith('application/apply-patch') ? 'apply' : 'patch'
    case 'DELETE':
      return isNamed ? 'delete' : 'deletecollection'
    default:
      return isNamed ? 'get' : 'list'
  }
}

/** Events get a new name each time, so they go by what they say of whom. */
function nameIn(body: unknown): string {
  const { metadata, reason, regarding } = (body ?? {}) as {
    readonly metadata?: { readonly name?: string; readonly generateName?: string }
    readonly reason?: string
    readonly regarding?: { readonly kind?: string; readonly name?: string }
  }
  if (regarding !== undefined) return `${reason} of ${regarding.kind}/${regarding.name}`
  return metadata?.name ?? `${metadata?.generateName ?? ''}*`
}
