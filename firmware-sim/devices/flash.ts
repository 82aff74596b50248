/**
 * The memory of a device without power: its boot count, the last message number, unacknowledged messages, counters,
 * and the flash of the valve machine.
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
  /** Returns when it is stored; throws if it cannot be written. */
  save(flash: Flash): void
}

/** Of a new device: its first boot and its first message have number 1. */
export const emptyFlash = (): Flash => ({ boot: 0, n: 0, unsent: [], counters: {}, valves: null })

/** Survives a restart of the device, not of the program. */
export function memoryFlash(): FlashStore {
  let stored: Flash | null = null
  return { load: () => stored, save: (flash) => void (stored = flash) }
}

/**
 * Survives the program: without it a restarted device would use its numbers twice. The file is replaced atomically, so
 * that a power cut leaves the old or the new one.
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
      // the directory entry too: an old number restored by a power cut would open a valve twice
      const folder = openSync(dirname(path), 'r')
      try {
        fsyncSync(folder)
      } finally {
        closeSync(folder)
      }
    },
  }
}
