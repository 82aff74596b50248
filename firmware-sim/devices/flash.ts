/**
 * What a device remembers without power: how often it booted, the last message number, what was not acknowledged yet,
 * its counters, and the valve machine's own memory.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Flash as ValveFlash } from '../../broker/contract/valve-device/types.ts'

export interface Flash {
  boot: number
  /** of the newest message; never used again */
  n: number
  /** telemetry without a PUBACK, oldest first */
  unsent: { n: number; payload: string }[]
  counters: Record<string, number>
  valves: ValveFlash | null
}

export interface FlashStore {
  /** null when the device is new */
  load(): Flash | null
  /** Returns when it is kept; throws when it cannot be. */
  save(flash: Flash): void
}

export const emptyFlash = (): Flash => ({ boot: 0, n: 0, unsent: [], counters: {}, valves: null })

/** Outlives a reboot of the device, not of the program. */
export function memoryFlash(): FlashStore {
  let kept: Flash | null = null
  return { load: () => kept, save: (flash) => void (kept = flash) }
}

/**
 * Outlives the program: without it a device that starts again would use its numbers twice. The file is replaced
 * whole, so that a cut leaves the old or the new one.
 */
export function fileFlash(path: string): FlashStore {
  return {
    load() {
      let text: string
      try {
        text = readFileSync(path, 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
      const flash = JSON.parse(text) as Flash
      if (!Number.isSafeInteger(flash.boot) || !Number.isSafeInteger(flash.n) || !Array.isArray(flash.unsent))
        throw new Error(`${path} is not the flash of a device: boot, n and unsent expected`)
      return flash
    },
    save(flash) {
      const file = openSync(`${path}.new`, 'w', 0o600)
      try {
        writeSync(file, JSON.stringify(flash))
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(`${path}.new`, path)
      // the name too: a number that a power cut could bring back would open twice
      const folder = openSync(dirname(path), 'r')
      try {
        fsyncSync(folder)
      } finally {
        closeSync(folder)
      }
    },
  }
}
