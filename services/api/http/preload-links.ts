/**
 * What a page will want, named with the page itself (Link, RFC 8288, `preload` and `modulepreload`): a phone that opens it
 * for the first time on a weak signal fetches all of it at once. A worker that keeps the page asks for none of it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** As dashboard/preload-manifest.ts writes it. */
interface PreloadManifest {
  page: string[]
  screens: { pattern: string; files: string[]; words: string; asks: string[] }[]
  signIn: string[]
  words: Record<string, Record<string, string>>
}

// what a browser sends of our own paths: nothing that would end a link of the header
const SAFE_PATH = /^[\w.~%/-]+$/

interface PageRequest {
  path: string
  acceptLanguage: string | undefined
  /** there is a cookie of a session, of which nobody knows yet whether it is over */
  mayBeSignedIn: boolean
}

/** Gives the value of the header for a page, '' where nothing is known of the build in `dir`. */
export function createPreloadLinks(dir: string): (opened: PageRequest) => string {
  const early = readManifest(join(dir, 'early.json'))
  if (early === null) return () => ''
  const screens = early.screens.map((screen) => ({ ...screen, pattern: new RegExp(screen.pattern) }))
  return ({ path, acceptLanguage, mayBeSignedIn }) => {
    const screen = SAFE_PATH.test(path) && screens.find(({ pattern }) => pattern.test(path))
    if (!screen) return ''
    const texts = early.words[chooseLanguage(acceptLanguage, Object.keys(early.words))]!
    const { files, words, asks } = screen
    const wanted =
      asks.length > 0 && !mayBeSignedIn
        ? // a stranger sees the sign-in, and would be refused all but who is signed in
          [asks[0]!, ...early.signIn]
        : [...asks.slice(0, 1), ...files, texts[words]!, ...asks.slice(1)]
    // Today needs no words but the first
    return [...new Set([...early.page, texts.first!, ...wanted])]
      .map((each) => preloadLink(path.replace(screen.pattern, each)))
      .join(', ')
  }
}

/** As the page fetches its own: a preload that differs in that would be thrown away. */
function preloadLink(wanted: string): string {
  if (wanted.endsWith('.js')) return `<${wanted}>; rel=modulepreload`
  return `<${wanted}>; rel=preload; as=${wanted.endsWith('.css') ? 'style' : 'fetch'}; crossorigin=anonymous`
}

function readManifest(path: string): PreloadManifest | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as PreloadManifest
  } catch {
    return null // not built
  }
}

/** The first that the phone names and we have, as the dashboard chooses; else English. */
function chooseLanguage(accept: string | undefined, ours: readonly string[]): string {
  const named = (accept ?? '').split(',').map((part) => part.trim().split(/[-;]/, 1)[0]!.toLowerCase())
  return named.find((language) => ours.includes(language)) ?? 'en'
}
