import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ImageError } from './image-error.ts'
import type { Blob, OciImage, OciIndex } from './oci-image.ts'

/** `host[:port]/path:tag`. */
export interface ImageReference {
  readonly host: string
  readonly repository: string
  readonly tag: string
}

/** @throws {ImageError} when it is not a full reference with host and tag. */
export function parseReference(text: string): ImageReference {
  const match =
    /^(?<host>[^/]+[.:][^/]*|localhost)\/(?<repository>[a-z0-9._/-]+):(?<tag>[\w.-]{1,128})$/.exec(
      text,
    )
  const { host, repository, tag } = match?.groups ?? {}
  if (host === undefined || repository === undefined || tag === undefined)
    throw new ImageError(
      `${text} is not a full image reference: registry.example/team/shardnet:1.0 would be one`,
    )
  return { host, repository, tag }
}

/**
 * Uploads what the registry lacks, blob by blob, and then the manifest under its tag (OCI distribution specification 1.1).
 * Of several platforms each manifest goes by its digest, and the index of them under the tag.
 */
export async function push(what: OciImage | OciIndex, reference: ImageReference): Promise<void> {
  const session = new Session(reference)
  if (!('index' in what)) return pushImage(session, what, reference.tag)
  for (const image of what.images) await pushImage(session, image, image.manifest.digest)
  await pushManifest(session, what.index, reference.tag)
}

async function pushImage(session: Session, image: OciImage, name: string): Promise<void> {
  for (const blob of [...image.layers, image.config]) await pushBlob(session, blob)
  await pushManifest(session, image.manifest, name)
}

/** @param name a tag, or its digest. */
async function pushManifest(session: Session, manifest: Blob, name: string): Promise<void> {
  const { bytes, mediaType } = manifest
  const answer = await session.ask('PUT', `manifests/${name}`, bytes, mediaType)
  if (answer.status !== 201) throw await refusal(answer, 'the manifest')
}

async function pushBlob(session: Session, { digest, bytes }: Blob): Promise<void> {
  if ((await session.ask('HEAD', `blobs/${digest}`)).status === 200) return
  const opened = await session.ask('POST', 'blobs/uploads/')
  const place = opened.headers.get('location')
  if (opened.status !== 202 || place === null) throw await refusal(opened, 'an upload')
  const url = new URL(place, session.url('blobs/uploads/'))
  url.searchParams.set('digest', digest)
  const answer = await session.ask('PUT', url.href, bytes, 'application/octet-stream')
  if (answer.status !== 201) throw await refusal(answer, `the blob ${digest}`)
}

/** Asks one repository, with a token where the registry wants one. */
class Session {
  readonly #reference: ImageReference
  #authorization: string | null = null

  constructor(reference: ImageReference) {
    this.#reference = reference
  }

  url(path: string): string {
    const { host, repository } = this.#reference
    // As every client does: nothing secret crosses a network in the clear, and a test's registry needs no certificate.
    const scheme = /^(?:localhost|127\.0\.0\.1)(?::|$)/.test(host) ? 'http' : 'https'
    return new URL(path, `${scheme}://${host}/v2/${repository}/`).href
  }

  async ask(method: string, path: string, body?: Uint8Array, type?: string): Promise<Response> {
    const answer = await this.#send(method, path, body, type)
    if (answer.status !== 401 || this.#authorization !== null) return answer
    this.#authorization = await this.#authorize(answer.headers.get('www-authenticate') ?? '')
    return this.#send(method, path, body, type)
  }

  #send(method: string, path: string, body?: Uint8Array, type?: string): Promise<Response> {
    const headers = new Headers()
    if (type !== undefined) headers.set('content-type', type)
    if (this.#authorization !== null) headers.set('authorization', this.#authorization)
    const content = body === undefined ? {} : { body: new Uint8Array(body) }
    return fetch(this.url(path), { method, headers, ...content })
  }

  /** What the challenge asks for: the password itself, or a token that is given for it. */
  async #authorize(challenge: string): Promise<string> {
    const { host, repository } = this.#reference
    const basic = credentialsFor(host)
    if (/^basic/i.test(challenge)) {
      if (basic !== null) return `Basic ${basic}`
      throw new ImageError(`${host} wants a login: run \`docker login ${host}\` first`)
    }
    const fields = Object.fromEntries(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map((match) => [match[1] ?? '', match[2] ?? '']),
    )
    const url = new URL(fields['realm'] ?? '')
    if (fields['service'] !== undefined) url.searchParams.set('service', fields['service'])
    url.searchParams.set('scope', `repository:${repository}:pull,push`)
    const answer = await fetch(url, {
      headers: basic === null ? {} : { authorization: `Basic ${basic}` },
    })
    if (!answer.ok) throw await refusal(answer, `a login at ${url.host}`)
    const told = (await answer.json()) as {
      readonly token?: string
      readonly access_token?: string
    }
    return `Bearer ${told.token ?? told.access_token ?? ''}`
  }
}

/** What `docker login` stored, where it stored it in the file itself. */
function credentialsFor(host: string): string | null {
  const folder = process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker')
  let text: string
  try {
    text = readFileSync(join(folder, 'config.json'), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  const { auths = {} } = JSON.parse(text) as {
    readonly auths?: Readonly<Record<string, { readonly auth?: string }>>
  }
  return auths[host]?.auth ?? null
}

async function refusal(answer: Response, what: string): Promise<ImageError> {
  const said = (await answer.text()).slice(0, 300)
  return new ImageError(`the registry refuses ${what}: ${answer.status} ${said}`.trim())
}
