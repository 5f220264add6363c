import { resolve } from 'node:path'
import { releaseClaim } from './claim.ts'
import { type ControlAnswer, type ControlRequest, serveControl } from './control.ts'
import { LocalError } from './local-error.ts'
import { Supervisor } from './supervisor.ts'
import { testnetFolder } from './testnet-folder.ts'
import { loadState } from './testnet-state.ts'

/** What the supervisor tells the launcher that started it, when it cannot even begin. */
export interface SupervisorFailure {
  readonly kind: 'failed'
  readonly message: string
}

const [home = '', name = '', cacheFolder = '', program = ''] = process.argv.slice(2)
const folder = testnetFolder(home, name)
process.title = `shardnet ${name}`

/** While true the launcher's death ends the testnet: it is the other end of our channel. */
let isAttached = true

async function run(): Promise<void> {
  const state = loadState(folder.stateFile)
  if (state === null)
    throw new LocalError('unknownTestnet', `There is no testnet in ${folder.root}.`)
  const supervisor = new Supervisor(
    { folder, cacheFolder, program: resolve(program), onEnded },
    state,
  )
  const server = serveControl(folder.controlSocket, (request) => answer(supervisor, request))
  process.on('disconnect', () => {
    if (isAttached) supervisor.end()
  })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => supervisor.end())
  if (process.connected) await supervisor.start()
  else supervisor.end() // The launcher died while we started.

  function onEnded(): void {
    server.close()
    releaseClaim(folder.root)
    process.exit(0)
  }
}

async function answer(supervisor: Supervisor, request: ControlRequest): Promise<ControlAnswer> {
  switch (request.kind) {
    case 'status':
      break
    case 'fault':
    case 'listFaults':
    case 'clearFaults':
      return { kind: 'faults', faults: [...(await supervisor.handleFaults(request))] }
    case 'apply':
      supervisor.apply(request.document)
      break
    case 'detach':
      isAttached = false
      break
    case 'stop':
      supervisor.end()
      break
  }
  return { kind: 'status', status: supervisor.status() }
}

try {
  await run()
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  console.error(error)
  const failure: SupervisorFailure = { kind: 'failed', message }
  releaseClaim(folder.root)
  if (process.send === undefined) process.exit(3)
  process.send(failure, () => process.exit(3))
}
