/**
 * Writes preload.json: the files and requests that each screen needs first. The server sends them as preload links with the
 * page, so that a phone on a weak signal fetches them in parallel.
 */
import type { Plugin, Rollup } from 'vite'
import { publicPaths, screenPaths, textsOfScreen, type ScreenName, type ScreenPath } from './src/app/paths.ts'
import type { TextPart } from './src/i18n/text-parts.ts'

/** Paths on the server, the most urgent first. */
export interface PreloadManifest {
  shell: string[] // needed by every screen
  screens: { pattern: string; files: string[]; texts: TextPart[]; requests: string[] }[]
  signIn: { files: string[]; texts: TextPart[] } // for people who are not signed in
}

export function preloadManifest(): Plugin {
  return {
    name: 'tilth-preload-manifest',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file): file is Rollup.OutputChunk => file.type === 'chunk')
      const styles = Object.keys(bundle)
        .filter((name) => name.endsWith('.css'))
        .map((name) => `/${name}`)
      const entry = withImports(chunks.find(({ isEntry }) => isEntry)!)
      const toScreen = (
        { pattern, screen, requests = [] }: ScreenPath,
        shared: string[],
      ): PreloadManifest['screens'][number] => ({
        pattern: pattern.source,
        requests: [...shared, ...requests],
        ...filesFor(screen),
      })
      const manifest: PreloadManifest = {
        shell: [...styles, ...pathsOf([...entry])],
        screens: [
          ...screenPaths.map((path) => toScreen(path, ['/api/session', '/api/today'])),
          ...publicPaths.map((path) => toScreen(path, [])),
        ],
        signIn: filesFor('SignIn'),
      }
      this.emitFile({ type: 'asset', fileName: 'preload.json', source: JSON.stringify(manifest) })

      function filesFor(screen: ScreenName): PreloadManifest['signIn'] {
        const needed = withImports(chunkOf(new RegExp(`/screens/${screen}\\.svelte$`)))
        return {
          files: pathsOf([...needed].filter((chunk) => !entry.has(chunk))),
          texts: ['common', ...textsOfScreen[screen]],
        }
      }
      function chunkOf(module: RegExp): Rollup.OutputChunk {
        const chunk = chunks.find(({ moduleIds }) => moduleIds.some((id) => module.test(id)))
        if (!chunk) throw new Error(`no chunk contains ${module.source}`)
        return chunk
      }
      function pathsOf(list: Rollup.OutputChunk[]): string[] {
        return list.map(({ fileName }) => `/${fileName}`)
      }
      function withImports(chunk: Rollup.OutputChunk, visited = new Set<Rollup.OutputChunk>()) {
        if (visited.has(chunk)) return visited
        visited.add(chunk)
        for (const name of chunk.imports) {
          const imported = chunks.find(({ fileName }) => fileName === name)
          if (imported) withImports(imported, visited)
        }
        return visited
      }
    },
  }
}
