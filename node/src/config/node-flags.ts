/**
 * Flags of Node itself that a validator's process is started with. Young objects get 4 MiB instead of 32: most of a
 * validator's memory would be room for garbage, and buffers that wait in it for a late collection count as old ones and
 * make V8 mark the whole heap, three times as often (docs/performance.md).
 */
export const validatorNodeFlags: readonly string[] = ['--max-semi-space-size=4']
