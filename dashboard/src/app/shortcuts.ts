/** The keys of a desk: g and a letter open a screen, / searches, ? lists them. Off while a person types. */
import { systemClock } from '../../../broker/contract/time.ts'
import { route } from './route.svelte.ts'

/** The screen of each letter after g. */
export const places = {
  t: { path: '/', name: 'tab.today' },
  f: { path: '/fields', name: 'tab.fields' },
  w: { path: '/water', name: 'tab.water' },
  p: { path: '/pests', name: 'tab.pests' },
  r: { path: '/reports', name: 'tab.reports' },
  d: { path: '/devices', name: 'tab.devices' },
  s: { path: '/settings', name: 'tab.settings' },
} as const

const SECOND_KEY_WITHIN_MS = 1_500

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null

/** Follows the keys until the returned function is called. */
export function followKeys(): () => void {
  let goPressedMs = -Infinity
  function press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
      return
    const isSecond = systemClock.now() - goPressedMs < SECOND_KEY_WITHIN_MS
    goPressedMs = event.key === 'g' ? systemClock.now() : -Infinity
    if (isSecond && event.key in places) route.go(places[event.key as keyof typeof places].path)
    // an open sheet is closed first, with Escape
    else if (route.sheet === '' && event.key === '/') route.openSheet('find')
    else if (route.sheet === '' && event.key === '?') route.openSheet('shortcuts')
    else return
    event.preventDefault()
  }
  addEventListener('keydown', press)
  return () => removeEventListener('keydown', press)
}
