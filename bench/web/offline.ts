/** The page opened where there is no network, on a processor four times slower: until the last fields are seen. */
import type { Page } from 'playwright-core'
import { median } from './lighthouse.ts'
import type { Phone } from './phone.ts'
import { SLOWER } from './taps.ts'

/** From opening the address to the picture with the fields, ms: the middle of `runs`. */
export async function openOffline({ context }: Phone, url: string, runs: number): Promise<number> {
  const page = await context.newPage()
  await page.addInitScript(markContent)
  await page.goto(url)
  await page.locator('ul.fields li').first().waitFor()
  await page.evaluate(() => navigator.serviceWorker.ready)
  const session = await context.newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
  await context.setOffline(true)
  try {
    const took: number[] = []
    for (let run = 0; run < runs; run++) took.push(await openOnce(page, url))
    return median(took)
  } finally {
    await context.setOffline(false)
    await page.close()
  }
}

async function openOnce(page: Page, url: string): Promise<number> {
  await page.goto(url)
  await page.getByText(/^No connection/).waitFor()
  const seen = await page.waitForFunction(() => (window as unknown as { contentMs?: number }).contentMs)
  return (await seen.jsonValue())!
}

/** Runs in the page. Nothing in it has a name of its own: the compiler would mark it by a function that is not there. */
function markContent(): void {
  new MutationObserver((_, observer) => {
    if (document.querySelector('ul.fields li') === null) return
    observer.disconnect()
    // the next frame draws it; the one after begins when it is drawn
    requestAnimationFrame(() =>
      requestAnimationFrame(() => ((window as { contentMs?: number }).contentMs = performance.now())),
    )
  }).observe(document, { childList: true, subtree: true })
}
