/** Where local testnets lie and what they run. */
export interface LocalPlace {
  /** Folder of all testnets, one folder each. */
  readonly home: string
  /** Where account tables are kept for all testnets. */
  readonly cacheFolder: string
  /** Path of the validator's main.ts. */
  readonly program: string
}
