/**
 * Svelte can take over a page that a server has drawn, trace what runs, and compile components of its fourth edition. This
 * page does none of it, but Svelte asks at run time: here the answer is known, so that what is behind it is not carried.
 */
import type { Plugin } from 'vite'

/** By file, below Svelte's sources: what is never true, and the functions that would make it so. */
const never: Record<string, { flags: string[]; setters: string[] }> = {
  '/client/dom/hydration.js': { flags: ['hydrating'], setters: ['set_hydrating'] },
  '/flags/index.js': {
    flags: ['async_mode_flag', 'legacy_mode_flag', 'tracing_mode_flag'],
    setters: [
      'enable_async_mode_flag',
      'disable_async_mode_flag',
      'enable_legacy_mode_flag',
      'enable_tracing_mode_flag',
    ],
  },
}

export function plainSvelte(): Plugin {
  return {
    name: 'tilth-svelte',
    enforce: 'pre',
    transform: {
      filter: { id: /\/svelte\/src\/internal\/(client\/dom\/hydration|flags\/index)\.js$/ },
      handler(code, id) {
        const { flags, setters } = Object.entries(never).find(([end]) => id.endsWith(end))![1]
        const swap = (text: string, from: RegExp, to: string): string => {
          if (!from.test(text)) this.error(`${id} is written in another way than before: no ${from}`)
          return text.replace(from, to)
        }
        const told = flags.reduce(
          (text, flag) =>
            swap(text, new RegExp(`^export let ${flag} = false;`, 'm'), `export const ${flag} = false;`),
          code,
        )
        return setters.reduce(
          (text, setter) =>
            swap(text, new RegExp(`^(export function ${setter}\\(\\w*\\) )\\{[^}]*\\}`, 'm'), '$1{}'),
          told,
        )
      },
    },
  }
}
