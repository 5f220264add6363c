/** The parts of package-lock.json that the rules read. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly link?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/**
 * `npm ci` has to work on every platform, with any registry, on npm 10 and 11. Three things have broken that: addresses
 * of one registry, missing entries for other platforms, and ranges that Node 20 and 24 resolve to different versions.
 */
export function lockProblems(lock: Lock): readonly string[] {
  const entries = Object.entries(lock.packages)
  return entries.flatMap(([place, entry]) => [
    ...addressProblems(place, entry),
    ...platformProblems(place, entry, lock),
    ...(place.includes('node_modules/') ? [] : pinProblems(place, entry)),
  ])
}

function addressProblems(place: string, entry: LockedPackage): readonly string[] {
  if (entry.resolved === undefined || entry.link === true) return []
  return [`package-lock.json: ${place} has a download address; see .npmrc`]
}

/** npm drops optional packages that the registry of the day lacks, and every later `npm ci` then refuses the lock. */
function platformProblems(place: string, entry: LockedPackage, lock: Lock): readonly string[] {
  return Object.keys(entry.optionalDependencies ?? {})
    .filter((name) => !isLocked(place, name, lock))
    .map((name) => `package-lock.json: ${name}, optional for ${place || 'the root'}, is missing`)
}

function isLocked(place: string, name: string, lock: Lock): boolean {
  const folders = place.split(/(?<=^|\/)node_modules\//)
  return folders.some((_, count) => {
    const prefix = folders.slice(0, folders.length - count).join('node_modules/')
    const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
    return lock.packages[`${folder}node_modules/${name}`] !== undefined
  })
}

function pinProblems(place: string, entry: LockedPackage): readonly string[] {
  const pins = { ...entry.dependencies, ...entry.devDependencies, ...entry.optionalDependencies }
  return Object.entries(pins)
    .filter(([, version]) => !/^(?:npm:.+@)?\d+\.\d+\.\d+$/.test(version))
    .map(
      ([name, version]) =>
        `${place || '.'}/package.json: ${name} "${version}" is not an exact version`,
    )
}
