/** The simulator with some of its lines changed, in a folder of its own. */
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root, type Simulator } from './conform-bench.ts'
import type { Edit } from './mutants.ts'

/** Throws when a line is not where it should be: a gate without a mutant proves nothing. */
export async function damagedSimulator(folder: string, edits: readonly Edit[]): Promise<Simulator> {
  await mkdir(folder)
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await cp(join(root, 'broker/contract'), join(folder, 'broker/contract'), { recursive: true })
  await cp(join(root, 'firmware-sim'), join(folder, 'firmware-sim'), {
    recursive: true,
    filter: (path) => !path.endsWith('/demo'),
  })
  for (const [file, before, after] of edits) {
    const path = join(folder, file)
    const source = await readFile(path, 'utf8')
    const damaged = source.replace(before, after)
    if (damaged === source) throw new Error(`${String(before)} is not found in ${file}`)
    await writeFile(path, damaged)
  }
  return import(/* @vite-ignore */ join(folder, 'firmware-sim/devices/controller.ts')) as Promise<Simulator>
}
