/** What an API server says instead of the answer, or what came instead of an API server. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** Kubernetes' word for it, such as `Conflict` or `AlreadyExists`. */
  readonly reason: string
  /** When the server wants to be asked again; null when it does not say. */
  readonly retryAfterMs: number | null

  constructor(facts: ApiErrorFacts, options?: ErrorOptions) {
    super(facts.message, options)
    this.status = facts.status
    this.reason = facts.reason
    this.retryAfterMs = facts.retryAfterMs ?? null
  }

  /**
   * Whether the same request may succeed later without anybody changing anything. A conflict is one: what is read anew
   * leads to another request.
   */
  get isTransient(): boolean {
    if (this.status === 0 || this.status >= 500) return true
    return [401, 408, 409, 410, 429].includes(this.status)
  }

  get isGone(): boolean {
    return this.status === 404
  }

  get isConflict(): boolean {
    return this.status === 409
  }

  /** A right of the operator is missing. It is asked for seldom, until somebody grants it. */
  get isForbidden(): boolean {
    return this.status === 403
  }
}

export interface ApiErrorFacts {
  readonly status: number
  readonly reason: string
  readonly message: string
  readonly retryAfterMs?: number | null
}

/** Whether an error is an answer of an API server, and which. */
export function isApiError(error: unknown, status?: number): error is ApiError {
  return error instanceof ApiError && (status === undefined || error.status === status)
}

/** Whether no NodePort is left: the API server calls that an internal error of its own, and only its words tell. */
export function isWithoutNodePort(error: unknown): error is ApiError {
  return error instanceof ApiError && /failed to allocate a nodePort/i.test(error.message)
}

/** The error that a response stands for. A body that is no `Status` is quoted. */
export function errorOfResponse(
  status: number,
  body: string,
  retryAfter: string | undefined,
): ApiError {
  const said = statusOf(body)
  const seconds = Number(retryAfter)
  return new ApiError({
    status,
    reason: said.reason ?? `Http${status}`,
    message: said.message ?? `the API server answered ${status}: ${body.slice(0, 200)}`,
    retryAfterMs: Number.isFinite(seconds) && retryAfter !== undefined ? seconds * 1_000 : null,
  })
}

function statusOf(body: string): { readonly reason?: string; readonly message?: string } {
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch {
    return {} // A proxy in between answers in its own words, which are quoted.
  }
}
