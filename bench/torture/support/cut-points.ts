/**
 * Moments at which a controller loses its power: inside the write of its flash, between flash and output, between output
 * and word. The program ends itself as by a cut, so that nothing of what would follow is done.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import type { TraceEntry } from '../../../firmware-sim/devices/controller.ts'

export const cutPoints = {
  'flash torn': 'a part of the bytes of the new flash is written',
  'flash written': 'the new flash is written and on disk, but has not taken the place of the old',
  'flash renamed': 'the new flash is in place, and nothing is driven yet',
  opened: 'a valve is driven open, and nothing is said yet',
  shut: 'a valve is driven shut, and the flash does not know it yet',
  'running said': 'the device has said that it is open',
  anywhere: 'any step',
} as const
export type CutPoint = keyof typeof cutPoints

export interface Cut {
  point: CutPoint
  times: number // at its how manieth time
  part: number // of the bytes, 0 to 1
}

const cut = () => void process.kill(process.pid, 'SIGKILL')

/** Gives what must see every entry of the trace. Flash writes are counted when they change what the valves remember. */
export function armCut({ point, times, part }: Cut): (entry: TraceEntry) => void {
  let left = times
  const reach = (end: () => void = cut) => {
    left -= 1
    if (left === 0) end()
  }
  if (point.startsWith('flash')) {
    onFlash(point, part, reach)
    return () => {}
  }
  const open = new Set<string>()
  return (entry) => {
    if (point === 'anywhere') reach()
    if (entry.type !== 'effect') return
    const { effect } = entry
    if (effect.type === 'publish' && effect.kind === 'ack' && effect.message.st === 'running')
      if (point === 'running said') reach()
    if (effect.type !== 'drive') return
    if (effect.open && point === 'opened') reach()
    if (!effect.open && open.has(effect.valve) && point === 'shut') reach()
    if (effect.open) open.add(effect.valve)
    else open.delete(effect.valve)
  }
}

/** On the calls with which the flash is really written, below the code that writes it. */
function onFlash(point: CutPoint, part: number, reach: (end?: () => void) => void): void {
  const { fsyncSync, renameSync, writeSync } = fs
  let before = ''
  let isMeant = false // of the file that is written now
  const write = (fd: number, text: string) => {
    const valves = valvesIn(text)
    isMeant = valves !== null && valves !== before
    before = valves ?? before
    if (isMeant && point === 'flash torn')
      reach(() => {
        const bytes = Buffer.from(text)
        writeSync(fd, bytes, 0, Math.floor(part * bytes.length))
        cut()
      })
    return writeSync(fd, text)
  }
  const rename = (from: string, to: string) => {
    if (isMeant && point === 'flash written') reach()
    renameSync(from, to)
    if (isMeant && point === 'flash renamed') reach()
  }
  Object.assign(fs, { writeSync: write, renameSync: rename, fsyncSync })
  syncBuiltinESMExports()
}

/** The memory of the valves in the text of a flash; null for another file. */
function valvesIn(text: unknown): string | null {
  if (typeof text !== 'string' || !text.startsWith('{"boot":')) return null
  return JSON.stringify((JSON.parse(text) as { valves: unknown }).valves)
}
