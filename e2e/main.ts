import { parseArgs } from 'node:util'
import { E2eError } from './cluster/e2e-error.ts'
import { buildPrograms, runSuites } from './runner/run-suites.ts'
import { isSuiteName, suiteNames } from './runner/suite.ts'

const USAGE = `usage: npm run e2e [-- SUITE] [OPTIONS]

  live-page       a validator's page in a headless Chromium, under load and faults; needs Chromium
  monitoring      rules and alerts under promtool, boards and alerts on a real testnet, the chart; needs Go
  infra           the Pulumi program under the real engine against real API servers; needs Go
  control-plane   the operator against a real API server and fake nodes; needs Go
  real-pods       the image on real nodes in network namespaces; needs Linux, root, Go and system packages
  all             all of them (default)

  --install         installs the system packages that these suites need (Debian's apt-get)
  --only PATTERN    tests whose name matches
  --cases N         of control-plane: kills of an operator and lost events, of which there are hundreds (default 8)
  --exhaustive      every case instead of a choice by SHARDNET_SEED (npm run night)
  --build           builds the programs of a cluster, once, and ends

With CI=true, or when it is asked for by name, a suite that cannot run here is a failure.
`

const options = {
  install: { type: 'boolean', default: false },
  only: { type: 'string' },
  build: { type: 'boolean', default: false },
  cases: { type: 'string' },
  exhaustive: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options })
  if (values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  if (values.build) {
    await buildPrograms()
    return 0
  }
  const [name = 'all', ...others] = positionals
  if (others.length > 0 || (name !== 'all' && !isSuiteName(name))) {
    process.stderr.write(`no such suite: ${positionals.join(' ')}\n\n${USAGE}`)
    return 2
  }
  const { cases } = values
  if (cases !== undefined && (!/^[1-9]\d*$/.test(cases) || values.exhaustive)) {
    process.stderr.write(
      values.exhaustive
        ? '--cases takes some and --exhaustive all: give one of them\n'
        : `--cases has to be a whole number of at least 1, and is "${cases}"\n`,
    )
    return 2
  }
  return runSuites({
    suites: name === 'all' ? suiteNames : [name],
    mustRun: name !== 'all' || process.env['CI'] === 'true',
    install: values.install,
    only: values.only ?? null,
    cases: values.exhaustive ? 'all' : cases === undefined ? null : Number(cases),
  })
}

try {
  process.exitCode = await main()
} catch (error) {
  const isMisspelt = error instanceof TypeError && 'code' in error
  if (!(error instanceof E2eError) && !isMisspelt) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = isMisspelt ? 2 : 3
}
