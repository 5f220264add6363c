import { parseArgs } from 'node:util'
import { E2eError } from './cluster/e2e-error.ts'
import { runSuites } from './runner/run-suites.ts'
import { isSuiteName, suiteNames } from './runner/suite.ts'

const USAGE = `usage: npm run e2e [-- SUITE] [OPTIONS]

  control-plane   the operator against a real API server and fake nodes; needs Go
  real-pods       the image on real nodes in network namespaces; needs Linux, root, Go and system packages
  all             both (default)

  --install         installs the system packages that real-pods needs (Debian's apt-get)
  --only PATTERN    tests whose name matches
  KUBECONFIG=FILE   uses that cluster instead of starting one, for the tests that can

With CI=true, or when it is asked for by name, a suite that cannot run here is a failure.
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    install: { type: 'boolean', default: false },
    only: { type: 'string' },
    exhaustive: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const [name = 'all', ...others] = positionals
if (values.help) process.stdout.write(USAGE)
else if (others.length > 0 || (name !== 'all' && !isSuiteName(name))) {
  process.stderr.write(`no such suite: ${positionals.join(' ')}\n\n${USAGE}`)
  process.exitCode = 2
} else {
  try {
    process.exitCode = await runSuites({
      suites: name === 'all' ? suiteNames : [name],
      mustRun: name !== 'all' || process.env['CI'] === 'true',
      install: values.install,
      only: values.only ?? null,
      exhaustive: values.exhaustive,
    })
  } catch (error) {
    if (!(error instanceof E2eError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 3
  }
}
