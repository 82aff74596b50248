/**
 * The page's own letters never delay a first paint: a phone that does not have their file yet draws this page in its own
 * font, fetches the file when the page is at rest, and draws the next page in it.
 */
const FETCHED = 'tilth-font'

/** Before the first paint. */
export function useOwnFont(): void {
  try {
    if (localStorage.getItem(FETCHED) !== null) document.documentElement.classList.add('own-font')
  } catch {
    // storage is refused: the phone's own font it is
  }
}

/** For the next page. */
export async function fetchOwnFont(): Promise<void> {
  try {
    const faces = await document.fonts.load('1rem "Tilth Sans"')
    if (faces.length > 0) localStorage.setItem(FETCHED, 'yes')
  } catch {
    // no signal, or storage is refused: another time
  }
}
