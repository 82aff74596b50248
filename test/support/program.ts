/** A built program of Tilth from `dist/`, which the system lane builds before its first test. */
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** The Node arguments that start it: `builtProgram('services/main.ts', '--help')`. */
export const builtProgram = (source: string, ...args: string[]): string[] => [
  join(root, 'dist', source.replace(/\.ts$/, '.js')),
  ...args,
]
