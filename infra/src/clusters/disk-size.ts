/** Disk of each machine, in GiB: room for images and for the logs of the validators on it. */
export const diskGib = { aws: 100, gcp: 100, azure: 128 } as const
