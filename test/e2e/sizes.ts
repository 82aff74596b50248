/**
 * The screens at other sizes than the phone of 390 px and the desk of 1280 px: small and large screens, and letters twice
 * as large. The name of a view decides its language and theme at each size: a new view changes no other.
 */
import type { Page } from 'playwright-core'
import { views, type View } from './screens.ts'

export interface Size {
  name: string
  width: number
  height: number
  /** size of the page's letters, as a person sets it in the browser */
  text: string
}

const sizes: readonly Size[] = [
  { name: '320', width: 320, height: 568, text: '' },
  { name: '768', width: 768, height: 1024, text: '' },
  { name: '1920', width: 1920, height: 900, text: '' },
  { name: 'text', width: 390, height: 844, text: '200%' },
]
const languages = ['en', 'ja']
const themes = ['light', 'dark', 'sun']

/** The first view of an address is the screen itself; others are its states and its sheets. */
export const isScreen = (view: View): boolean =>
  !view.path.includes('#') && views.find(({ path }) => path === view.path) === view

/** The sizes at which a view is looked at in this language, each with its theme. The languages together have each once. */
export function sizesOf(view: View, language: string): { size: Size; theme: string }[] {
  const turn = [...view.name].reduce((sum, sign) => sum + sign.charCodeAt(0), 0)
  // what fits there fits anywhere, and a sheet is no wider on a desk
  const narrow = sizes.filter(({ width }) => width < 720)
  return (isScreen(view) ? sizes : [narrow[turn % narrow.length]!]).flatMap((size, i) =>
    languages[(turn + i) % languages.length] === language
      ? [{ size, theme: themes[(turn + i) % themes.length]! }]
      : [],
  )
}

/**
 * Whether the view has an approved picture at this size: every screen, but for a map with large letters. It places its labels
 * while the letters grow, and where they come to stand depends on the moment.
 */
export const isPictured = (view: View, { text }: Size): boolean =>
  isScreen(view) && (text === '' || !view.path.includes('?map='))

/** Gives the window this size and the letters theirs, and shows the top of the page when it is drawn. */
export async function resize(page: Page, { width, height, text }: Size): Promise<void> {
  await page.setViewportSize({ width, height })
  await page.evaluate(async (size) => {
    document.documentElement.style.fontSize = size
    scrollTo(0, 0)
    // charts follow their width a frame later
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame)
  }, text)
}
