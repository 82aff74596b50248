/** The screens by their paths. Today comes with the first load, the others when they are asked for. */
import type { Component } from 'svelte'
import { words } from '../i18n/i18n.svelte.ts'
import Today from '../screens/Today.svelte'
import { pathFor, screenPaths } from './paths.ts'
import type { WordPart } from '../i18n/languages.ts'

export type Screen = Component<{ id: string }>

const files = import.meta.glob<{ default: Screen }>(['../screens/*.svelte', '!../screens/Today.svelte'])

/** One that shows one thing only has no use for the name in the path. */
const loadScreen = async (name: string): Promise<Screen> =>
  (await files[`../screens/${name}.svelte`]!()).default

/** What is opened by who is not signed in. */
export const loadPublicScreen = loadScreen as unknown as (
  name: 'Setup' | 'Join' | 'SignIn',
) => Promise<Component>

export interface Opening {
  id: string // the name in the path, '' when there is none
  screen: Promise<Screen> | Screen
}

/** The screen of a path; an unknown path opens Today. */
export function screenFor(path: string): Opening {
  for (const { pattern, screen, words: part } of screenPaths) {
    const match = pattern.exec(path)
    if (match && screen !== 'Today')
      return { id: decodeURIComponent(match[1] ?? ''), screen: withWords(loadScreen(screen), part) }
  }
  return { id: '', screen: Today as unknown as Screen }
}

const withWords = async (screen: Promise<Screen>, part: WordPart = 'first'): Promise<Screen> =>
  (await Promise.all([screen, words.bring(part)]))[0]

/** Lets the code of a path's screen travel while something else is awaited; a failure is told where it is opened. */
export async function preloadScreen(path: string): Promise<void> {
  const found = pathFor(path)
  if (found && found.screen !== 'Today') await loadScreen(found.screen).catch(() => {})
}
