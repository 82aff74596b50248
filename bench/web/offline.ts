/** Opens the page offline on a processor four times slower, until the cached fields are visible. */
import type { Page } from 'playwright-core'
import { median } from './lighthouse.ts'
import type { Phone } from './phone.ts'
import { SLOWER } from './taps.ts'

/** From opening the address to painting the fields, ms: the median of `runs`. */
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
    const durationsMs: number[] = []
    for (let run = 0; run < runs; run++) durationsMs.push(await openOnce(page, url))
    return median(durationsMs)
  } finally {
    await context.setOffline(false)
    await page.close()
  }
}

async function openOnce(page: Page, url: string): Promise<number> {
  await page.goto(url)
  await page.getByText(/^No connection/).waitFor()
  const contentHandle = await page.waitForFunction(
    () => (window as unknown as { contentMs?: number }).contentMs,
  )
  return (await contentHandle.jsonValue())!
}

/**
 * Runs in the page. It contains no named function, which the compiler would wrap in a helper that does not exist there.
 */
function markContent(): void {
  new MutationObserver((_, observer) => {
    if (document.querySelector('ul.fields li') === null) return
    observer.disconnect()
    // the next frame paints it; the one after starts when it is painted
    requestAnimationFrame(() =>
      requestAnimationFrame(() => ((window as { contentMs?: number }).contentMs = performance.now())),
    )
  }).observe(document, { childList: true, subtree: true })
}
