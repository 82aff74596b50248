/** The screens by their paths. Today is part of the first load, the others are loaded when they open. */
import type { Component } from 'svelte'
import { i18n } from '../i18n/i18n.svelte.ts'
import Today from '../screens/Today.svelte'
import { pathFor, screenPaths, textsOfScreen, type ScreenName } from './paths.ts'

export type Screen = Component<{ id: string }>

const files = import.meta.glob<{ default: Screen }>(['../screens/*.svelte', '!../screens/Today.svelte'])

/** A screen with its texts. A screen without a name in its path ignores `id`. */
async function loadScreen(name: ScreenName): Promise<Screen> {
  const [file] = await Promise.all([files[`../screens/${name}.svelte`]!(), i18n.load(textsOfScreen[name])])
  return file.default
}

/** A screen for people who are not signed in. */
export const loadPublicScreen = loadScreen as unknown as (
  name: 'Setup' | 'Join' | 'SignIn' | 'Trust' | 'Verify',
) => Promise<Component>

export interface Opening {
  id: string // the name in the path, '' when there is none
  screen: Promise<Screen> | Screen
}

/** The screen of a path; an unknown one opens a page of its own. */
export function screenFor(path: string): Opening {
  for (const { pattern, screen } of screenPaths) {
    const match = pattern.exec(path)
    if (match && screen !== 'Today')
      return { id: decodeURIComponent(match[1] ?? ''), screen: loadScreen(screen) }
  }
  if (path !== '/') return { id: '', screen: loadScreen('NotFound') }
  return { id: '', screen: Today as unknown as Screen }
}

/** Loads the code of a path's screen ahead of its use. A failure is reported when the screen opens. */
export async function preloadScreen(path: string): Promise<void> {
  const target = pathFor(path)
  if (target && target.screen !== 'Today') await loadScreen(target.screen).catch(() => {})
}
