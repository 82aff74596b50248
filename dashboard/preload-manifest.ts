/**
 * Lays beside the page which files each of its screens needs first (`early.json`). The server names them with the page, so
 * that a phone on a weak signal fetches them side by side instead of finding out about one from another.
 */
import type { Plugin, Rollup } from 'vite'
import { publicPaths, screenPaths, type ScreenPath } from './src/app/paths.ts'

/** Paths of the server, in the order in which they are wanted. */
export interface PreloadManifest {
  page: string[] // of whatever screen
  screens: { pattern: string; files: string[]; words: string; asks: string[] }[]
  signIn: string[] // what a stranger sees instead of a screen that asks who is signed in
  words: Record<string, Record<string, string>> // by language and by the part of its catalogue
}

export function preloadManifest(): Plugin {
  return {
    name: 'tilth-early-files',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file): file is Rollup.OutputChunk => file.type === 'chunk')
      const styles = Object.keys(bundle)
        .filter((name) => name.endsWith('.css'))
        .map((name) => `/${name}`)
      const entry = withImports(chunks.find(({ isEntry }) => isEntry)!)
      const early = (
        { pattern, screen, words: part = 'first' }: ScreenPath,
        asks: string[],
      ): PreloadManifest['screens'][number] => ({
        pattern: pattern.source,
        words: part,
        asks,
        files: filesFor(screen),
      })
      const screens = [
        ...screenPaths.map((each) => early(each, ['/api/session', '/api/today', ...(each.asks ?? [])])),
        ...publicPaths.map((each) => early(each, [])),
      ]
      const words: PreloadManifest['words'] = {}
      for (const { facadeModuleId, fileName } of chunks) {
        const [, language, part = 'first'] =
          /\/i18n\/(\w+)\.json(?:\?(\w+))?$/.exec(facadeModuleId ?? '') ?? []
        if (language !== undefined) (words[language] ??= {})[part] = `/${fileName}`
      }
      const source = JSON.stringify({
        page: [...styles, ...filesOf([...entry])],
        screens,
        signIn: filesFor('SignIn'),
        words,
      } satisfies PreloadManifest)
      this.emitFile({ type: 'asset', fileName: 'early.json', source })

      function filesFor(screen: string): string[] {
        const needed = withImports(holderOf(new RegExp(`/screens/${screen}\\.svelte$`)))
        return filesOf([...needed].filter((chunk) => !entry.has(chunk)))
      }
      function holderOf(module: RegExp): Rollup.OutputChunk {
        const found = chunks.find(({ moduleIds }) => moduleIds.some((id) => module.test(id)))
        if (!found) throw new Error(`no chunk holds ${module.source}`)
        return found
      }
      function filesOf(some: Rollup.OutputChunk[]): string[] {
        return some.map(({ fileName }) => `/${fileName}`)
      }
      function withImports(chunk: Rollup.OutputChunk, found = new Set<Rollup.OutputChunk>()) {
        if (found.has(chunk)) return found
        found.add(chunk)
        for (const name of chunk.imports) {
          const other = chunks.find(({ fileName }) => fileName === name)
          if (other) withImports(other, found)
        }
        return found
      }
    },
  }
}
