/** Upper bounds of histograms, shared so that figures can be compared. At most twelve each. */
export const shortSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1] as const
export const latencySeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const
export const sizes = [1, 4, 16, 64, 128, 256, 512, 1024, 2048, 4096, 16_384] as const
