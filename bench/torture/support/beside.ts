/** A program of the torture in a process of its own: it is given one value, and answers with one. */
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startProgram } from '../../support/process.ts'
import type { Torture } from './fault-line.ts'

export interface Beside<T> {
  done: Promise<T>
  said(): string
  end(): Promise<void>
}

/** Starts `support/NAME.ts`; `done` gives what it answered (`answer`), or rejects with what it said when it broke. */
export async function startBeside<T>(torture: Torture, name: string, given: object): Promise<Beside<T>> {
  const path = join(import.meta.dirname, `${name}.ts`)
  const answerPath = join(await torture.folder('beside'), 'answer.json')
  const program = startProgram(process.execPath, [
    ...['--import', import.meta.resolve('tsx')],
    ...[path, JSON.stringify(given), answerPath],
  ])
  torture.atEnd(() => program.end('SIGKILL'))
  const done = once(program.child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`${name} ended with ${String(code)}: ${program.said().slice(-1_000)}`)
    return JSON.parse(readFileSync(answerPath, 'utf8')) as T
  })
  done.catch(() => {}) // told to whoever waits for it
  return { done, said: program.said, end: () => program.end('SIGTERM') }
}

/** In the program beside: what it was given. */
export const given = <T>(): T => JSON.parse(process.argv[2]!) as T

/** In the program beside: its answer; it ends by itself. */
export const answer = (value: object): void => writeFileSync(process.argv[3]!, JSON.stringify(value))
