/** Which screen a path opens. Today comes with the first load, the others when they are asked for. */
import type { Component } from 'svelte'
import { words } from '../words/words.svelte.ts'
import Today from '../screens/Today.svelte'

export type Screen = Component<{ id: string }>

// a screen that shows one thing only has no use for the name in the path
const plain = (screen: Component): Screen => screen as unknown as Screen

const routes: [pattern: RegExp, load: () => Promise<Screen> | Screen][] = [
  [/^\/$/, () => plain(Today)],
  [/^\/fields$/, async () => plain((await import('../screens/Fields.svelte')).default)],
  [/^\/fields\/([^/]+)$/, async () => (await import('../screens/Field.svelte')).default],
  [/^\/water$/, async () => plain((await import('../screens/Water.svelte')).default)],
  [/^\/pests$/, async () => plain((await import('../screens/Pests.svelte')).default)],
  [/^\/devices$/, async () => plain((await import('../screens/Devices.svelte')).default)],
  [/^\/begin$/, async () => plain((await import('../screens/Begin.svelte')).default)],
  [/^\/settings$/, async () => plain((await import('../screens/Settings.svelte')).default)],
  [/^\/people$/, async () => plain((await import('../screens/People.svelte')).default)],
  [/^\/audit$/, async () => plain((await import('../screens/Audit.svelte')).default)],
  [/^\/reports$/, async () => plain((await import('../screens/Reports.svelte')).default)],
  [/^\/more$/, async () => plain((await import('../screens/More.svelte')).default)],
]

export interface Opening {
  id: string // the name in the path, '' when there is none
  screen: Promise<Screen> | Screen
}

// Today has its words with it
const withWords = (screen: Promise<Screen> | Screen): Promise<Screen> | Screen =>
  screen instanceof Promise ? Promise.all([screen, words.whole]).then(([loaded]) => loaded) : screen

/** The screen of a path; an unknown path opens Today. */
export function screenFor(path: string): Opening {
  for (const [pattern, load] of routes) {
    const match = pattern.exec(path)
    if (match) return { id: decodeURIComponent(match[1] ?? ''), screen: withWords(load()) }
  }
  return { id: '', screen: plain(Today) }
}
