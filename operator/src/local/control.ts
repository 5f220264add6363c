import { rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { z } from 'zod'
import { FaultPlan } from '../api/fault.ts'
import { Testnet } from '../api/testnet.ts'
import { FAULTS_MAX, FaultStatus } from './fault-status.ts'
import { LocalError } from './local-error.ts'
import { TestnetStatus } from './testnet-status.ts'

/** What commands ask of a supervisor, one JSON line each. */
export const ControlRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('status') }),
  /** Make another document true. */
  z.strictObject({ kind: z.literal('apply'), document: Testnet }),
  /** Put faults in, now or later; each ends by itself. */
  z.strictObject({ kind: z.literal('fault'), faults: z.array(FaultPlan).min(1).max(FAULTS_MAX) }),
  z.strictObject({ kind: z.literal('listFaults') }),
  /** End one fault before its time, or all. */
  z.strictObject({ kind: z.literal('clearFaults'), id: z.string().nullable() }),
  /** Go on when the launcher is gone. */
  z.strictObject({ kind: z.literal('detach') }),
  /** End every validator and then yourself. */
  z.strictObject({ kind: z.literal('stop') }),
])
export type ControlRequest = z.infer<typeof ControlRequest>
/** What is asked about faults. */
export type FaultRequest = Extract<ControlRequest, { kind: 'fault' | 'listFaults' | 'clearFaults' }>

const ControlAnswer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('status'), status: TestnetStatus }),
  z.strictObject({ kind: z.literal('faults'), faults: z.array(FaultStatus) }),
  z.strictObject({ kind: z.literal('refused'), message: z.string() }),
])
/** The supervisor's answer, one JSON line. */
export type ControlAnswer = z.infer<typeof ControlAnswer>

const LINE_CHARACTERS_MAX = 4_000_000
const ANSWER_TIMEOUT_MS = 15_000

/** Listens for commands. Only the owner of the folder reaches the socket. */
export function serveControl(
  path: string,
  answer: (request: ControlRequest) => Promise<ControlAnswer>,
): Server {
  rmSync(path, { force: true }) // The claim on the folder says that nobody listens there any more.
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy()) // A command that went away needs no answer.
    readLine(socket, (line) => {
      void answerTo(line, answer).then((reply) => socket.end(`${JSON.stringify(reply)}\n`))
    })
  })
  server.listen(path)
  return server
}

async function answerTo(
  line: string,
  answer: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<ControlAnswer> {
  try {
    return await answer(ControlRequest.parse(JSON.parse(line)))
  } catch (error) {
    return { kind: 'refused', message: error instanceof Error ? error.message : String(error) }
  }
}

/**
 * Asks a supervisor.
 * @throws {LocalError} when it does not answer or refuses.
 */
export async function askSupervisor(
  path: string,
  request: Exclude<ControlRequest, FaultRequest>,
): Promise<TestnetStatus> {
  const answer = await ask(path, request)
  if (answer.kind === 'status') return answer.status
  throw new LocalError('notRunning', 'The supervisor answered something else than was asked.')
}

/**
 * Asks a supervisor about faults. It answers with those that were added, or else with all that it remembers.
 * @throws {LocalError} when it does not answer or refuses.
 */
export async function askAboutFaults(
  path: string,
  request: FaultRequest,
): Promise<readonly FaultStatus[]> {
  const answer = await ask(path, request)
  if (answer.kind === 'faults') return answer.faults
  throw new LocalError('notRunning', 'The supervisor answered something else than was asked.')
}

async function ask(
  path: string,
  request: ControlRequest,
): Promise<Exclude<ControlAnswer, { kind: 'refused' }>> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = connect(path)
  socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy(new Error('it did not answer in time')))
  socket.once('error', reject)
  socket.once('close', () => reject(new Error('it closed the connection')))
  readLine(socket, resolve)
  socket.write(`${JSON.stringify(request)}\n`)
  try {
    const reply = ControlAnswer.parse(JSON.parse(await promise))
    if (reply.kind !== 'refused') return reply
    throw new LocalError('unsupported', reply.message)
  } catch (error) {
    if (error instanceof LocalError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new LocalError(
      'notRunning',
      `The supervisor of the testnet cannot be reached (${reason}).`,
      { cause: error },
    )
  } finally {
    socket.destroy()
  }
}

function readLine(socket: Socket, take: (line: string) => void): void {
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    text += chunk
    const end = text.indexOf('\n')
    if (end >= 0) take(text.slice(0, end))
    else if (text.length > LINE_CHARACTERS_MAX) socket.destroy()
  })
}
