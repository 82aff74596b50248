/** A program of the torture in a separate process: it takes one task and writes one result. */
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startProgram } from '../../support/process.ts'
import type { Torture } from './fault-line.ts'

export interface ChildProgram<T> {
  done: Promise<T>
  output(): string
  end(): Promise<void>
}

/** Starts `support/NAME.ts`; `done` resolves with its result (`writeResult`), or rejects with its output. */
export async function startChild<T>(torture: Torture, name: string, input: object): Promise<ChildProgram<T>> {
  const path = join(import.meta.dirname, `${name}.ts`)
  const answerPath = join(await torture.folder('beside'), 'answer.json')
  const program = startProgram(process.execPath, [
    ...['--import', import.meta.resolve('tsx')],
    ...[path, JSON.stringify(input), answerPath],
  ])
  torture.onEnd(() => program.end('SIGKILL'))
  const done = once(program.child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`${name} ended with ${String(code)}: ${program.output().slice(-1_000)}`)
    return JSON.parse(readFileSync(answerPath, 'utf8')) as T
  })
  done.catch(() => {}) // handled by the caller that awaits it
  return { done, output: program.output, end: () => program.end('SIGTERM') }
}

/** In the child: its task. */
export const taskFromArguments = <T>(): T => JSON.parse(process.argv[2]!) as T

/** In the child: writes its result; it ends by itself. */
export const writeResult = (value: object): void => writeFileSync(process.argv[3]!, JSON.stringify(value))
