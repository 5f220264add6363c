import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder with what the system's tar finds in an archive; who asks removes it. */
export function unpacked(archive: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'shardnet-image-'))
  execFileSync('tar', ['x'], { cwd: folder, input: archive })
  return folder
}
