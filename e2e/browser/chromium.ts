import { capture } from '../cluster/process/capture.ts'

/** What Chromium is called by those who package it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'] as const

/** Path of a Chromium on this machine; null when there is none. */
export async function chromiumProgram(): Promise<string | null> {
  for (const name of NAMES) {
    const { code, text } = await capture('which', [name])
    if (code === 0) return text.trim()
  }
  return null
}
