import { rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { z } from 'zod'
import { Testnet } from '../api/testnet.ts'
import { LocalError } from './local-error.ts'
import { TestnetStatus } from './testnet-status.ts'

/** What commands ask of a supervisor, one JSON line each. */
export const ControlRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('status') }),
  /** Make another document true. */
  z.strictObject({ kind: z.literal('apply'), document: Testnet }),
  /** Go on when the launcher is gone. */
  z.strictObject({ kind: z.literal('detach') }),
  /** End every validator and then yourself. */
  z.strictObject({ kind: z.literal('stop') }),
])
export type ControlRequest = z.infer<typeof ControlRequest>

const ControlAnswer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('status'), status: TestnetStatus }),
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
export async function askSupervisor(path: string, request: ControlRequest): Promise<TestnetStatus> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = connect(path)
  socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy(new Error('it did not answer in time')))
  socket.once('error', reject)
  socket.once('close', () => reject(new Error('it closed the connection')))
  readLine(socket, resolve)
  socket.write(`${JSON.stringify(request)}\n`)
  try {
    const reply = ControlAnswer.parse(JSON.parse(await promise))
    if (reply.kind === 'status') return reply.status
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
