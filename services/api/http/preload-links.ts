/**
 * Preload links (RFC 8288, `preload` and `modulepreload`) that are sent with the page: a phone that opens it for the first
 * time on a weak signal fetches everything in parallel. A page from the service worker's cache has no such links.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { jsonParser } from '../../../broker/contract/json.ts'

/** As dashboard/preload-manifest.ts writes it. */
const Paths = Type.Array(Type.String())
const PreloadManifest = Type.Object({
  shell: Paths,
  screens: Type.Array(
    Type.Object({ pattern: Type.String(), files: Paths, texts: Type.Array(Type.String()), requests: Paths }),
  ),
  signIn: Type.Object({ files: Paths, texts: Type.Array(Type.String()) }),
})
const parseManifest = jsonParser(PreloadManifest)

// a browser sends nothing else for our own paths: no character here can end a link of the header
const SAFE_PATH = /^[\w.~%/-]+$/

interface PageRequest {
  path: string
  acceptLanguage: string | undefined
  /** a session cookie was sent; its session may be over */
  mayBeSignedIn: boolean
}

/** Returns the value of the `Link` header of a page, '' where `dir` holds no build. */
export function createPreloadLinks(dir: string): (request: PageRequest) => string {
  const manifest = readManifest(join(dir, 'preload.json'))
  if (manifest === null) return () => ''
  const screens = manifest.screens.map((screen) => ({ ...screen, pattern: new RegExp(screen.pattern) }))
  const languages = readdirSync(join(dir, 'i18n'))
  return ({ path, acceptLanguage, mayBeSignedIn }) => {
    const screen = SAFE_PATH.test(path) && screens.find(({ pattern }) => pattern.test(path))
    if (!screen) return ''
    const { requests } = screen
    // without a session only the sign-in is shown, and every request but the session would be refused
    const isSignIn = requests.length > 0 && !mayBeSignedIn
    const { files, texts } = isSignIn ? manifest.signIn : screen
    const catalogue = `/i18n/${chooseLanguage(acceptLanguage, languages)}`
    return [
      ...manifest.shell,
      ...texts.map((part) => `${catalogue}/${part}.json`),
      ...requests.slice(0, 1),
      ...files,
      ...(isSignIn ? [] : requests.slice(1)),
    ]
      .map((target) => preloadLink(path.replace(screen.pattern, target)))
      .join(', ')
  }
}

/** In the mode in which the page fetches it: a preload in another mode is discarded. */
function preloadLink(target: string): string {
  if (target.endsWith('.js')) return `<${target}>; rel=modulepreload`
  return `<${target}>; rel=preload; as=${target.endsWith('.css') ? 'style' : 'fetch'}; crossorigin=anonymous`
}

/** Null where there is no build, or one of another version: the page is fetched without links. */
function readManifest(path: string): Static<typeof PreloadManifest> | null {
  try {
    const manifest = parseManifest(readFileSync(path, 'utf8'))
    return manifest.ok ? manifest.value : null
  } catch {
    return null
  }
}

/** The first language that the phone names and that we have, as the dashboard chooses; else English. */
function chooseLanguage(accept: string | undefined, available: readonly string[]): string {
  const preferred = (accept ?? '').split(',').map((part) => part.trim().split(/[-;]/, 1)[0]!.toLowerCase())
  return preferred.find((language) => available.includes(language)) ?? 'en'
}
