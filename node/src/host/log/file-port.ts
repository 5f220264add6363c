/** The file system as the log needs it. Tests put in one that fails, tears and forgets; the real one is real-files.ts. */
export interface FilePort {
  /** Makes the folder and its parents, durably. */
  createFolder(folder: string): Promise<void>
  /** Names in a folder, in any order. */
  list(folder: string): Promise<readonly string[]>
  /** Opens an existing file, or makes a new one that must not exist. */
  open(file: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile>
  remove(file: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Makes names in the folder (new, renamed, removed files) durable. */
  syncFolder(folder: string): Promise<void>
  /**
   * Keeps every other process out until the returned function is called or this process dies.
   * @throws LogError `locked`.
   */
  lock(folder: string): Promise<() => Promise<void>>
}

/** One open file. */
export interface OpenFile {
  size(): Promise<number>
  /** Fills `into` from `offset`; answers how many bytes there were. */
  read(into: Uint8Array, offset: number): Promise<number>
  /** Writes all parts one behind the other. */
  write(parts: readonly Uint8Array[], offset: number): Promise<void>
  /** Makes content and length durable. */
  sync(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}
