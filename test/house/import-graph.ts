/** The imports among the project's source files, read from their text: type imports and dynamic imports count too. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'

export interface ImportGraph {
  /** paths from the project's root, sorted */
  files: readonly string[]
  /** what a file imports: paths of the project, or names of packages and of Node's modules */
  importsOf(file: string): readonly string[]
  lines(file: string): number
  text(file: string): string
}

/** Reads every .ts and .svelte file under the folders; declaration files are left out. */
export function readImportGraph(root: string, folders: readonly string[]): ImportGraph {
  const files = folders.flatMap((folder) => sourcesUnder(root, folder)).sort()
  const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
  const imports = new Map(files.map((file) => [file, importsIn(file, texts.get(file)!)]))
  return {
    files,
    importsOf: (file) => imports.get(file) ?? [],
    lines: (file) => texts.get(file)!.split('\n').length - 1,
    text: (file) => texts.get(file)!,
  }
}

/**
 * Groups of files that import one another in a circle, by Tarjan's algorithm for strongly connected components
 * (SIAM J. Comput. 1 (2), 1972). An empty list means that there is none.
 */
export function importCircles({ files, importsOf }: Pick<ImportGraph, 'files' | 'importsOf'>): string[][] {
  const known = new Set(files)
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const circles: string[][] = []
  const visit = (file: string): void => {
    index.set(file, index.size)
    low.set(file, index.get(file)!)
    stack.push(file)
    for (const target of importsOf(file).filter((name) => known.has(name))) {
      if (!index.has(target)) visit(target)
      if (stack.includes(target)) low.set(file, Math.min(low.get(file)!, low.get(target)!))
    }
    if (low.get(file) !== index.get(file)) return
    const component = stack.splice(stack.indexOf(file))
    if (component.length > 1 || importsOf(file).includes(file)) circles.push(component.sort())
  }
  for (const file of files) if (!index.has(file)) visit(file)
  return circles
}

function importsIn(file: string, text: string): string[] {
  const statements = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^'"`]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g,
  )
  return [...statements].map(([, from, bare, dynamic]) => {
    const target = (from ?? bare ?? dynamic)!.split('?')[0]!
    return target.startsWith('.') ? join(dirname(file), target) : target
  })
}

function sourcesUnder(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sourcesUnder(root, path)
    return /\.(ts|svelte)$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : []
  })
}

/** The files that a file needs, itself included: its imports and theirs, and the worker threads that they start by a URL. */
export function reachedFrom({ files, importsOf, text }: ImportGraph, entry: string): Set<string> {
  const known = new Set(files)
  const reached = new Set<string>()
  const toVisit = [entry]
  while (toVisit.length > 0) {
    const file = toVisit.pop()!
    if (reached.has(file) || !known.has(file)) continue
    reached.add(file)
    const workers = [...text(file).matchAll(/new URL\('(\.[^']+)'/g)].map(([, path]) =>
      join(dirname(file), path!),
    )
    toVisit.push(...importsOf(file), ...workers)
  }
  return reached
}
