// Pulumi starts this file with whatever Node the machine has, so it is written in old syntax. The program itself is
// TypeScript, which Node runs from version 24 on; older ones would stop with a syntax error that helps nobody.
// It is an ES module because Pulumi imports it as one, and takes a CommonJS module imported by Node 24 for two programs.
var NEEDED = 24
var major = Number(process.versions.node.split('.')[0])

if (major < NEEDED) {
  console.error(
    'infra/ needs Node ' + NEEDED + ' or newer, and this is ' + process.versions.node + '.',
  )
  process.exit(1)
}

export default function () {
  return import('./src/main.ts').then(function (main) {
    return main.program()
  })
}
