/** From touch to next paint on a processor four times slower, for everyday taps. */
import type { Locator, Page } from 'playwright-core'
import { median } from './lighthouse.ts'
import type { Phone } from './phone.ts'

export const SLOWER = 4
/** The browser reports no shorter event: an unreported one took less. */
const LEAST_MS = 16
const SETTLED_MS = 1_200

interface Tap {
  name: string
  path: string
  ready: string
  /** restores the choice of an earlier tap */
  back?(page: Page): Locator
  at(page: Page): Locator
}

const button = (name: RegExp) => (page: Page) => page.getByRole('button', { name }).first()
const link = (name: RegExp) => (page: Page) => page.getByRole('link', { name }).first()

const taps: readonly Tap[] = [
  {
    name: 'a field on Today',
    path: '/',
    ready: 'ul.fields li',
    at: (page) => page.locator('ul.fields a').first(),
  },
  { name: 'Water in the bar', path: '/', ready: 'ul.fields li', at: link(/^Water$/) },
  { name: 'Pests in the bar', path: '/water', ready: 'main section li', at: link(/^Pests$/) },
  {
    name: 'the map of the fields',
    path: '/fields',
    ready: 'main header .chip',
    back: button(/^List$/),
    at: button(/^Map$/),
  },
  { name: 'Why?', path: '/fields/field-1', ready: '[role=slider]', at: button(/^Why/) },
  { name: 'Start…', path: '/fields/field-3', ready: '[role=slider]', at: button(/^Start/) },
  { name: 'another time range', path: '/fields/field-1', ready: '[role=slider]', at: button(/^7\sd/) },
  // last: it stops the valve that the others need
  { name: 'STOP', path: '/', ready: '.dock .stop', at: button(/^Stop/) },
]

/** Each tap, the median of `runs`, ms. */
export async function timeTaps(
  { context }: Phone,
  url: string,
  runs: number,
): Promise<{ name: string; ms: number }[]> {
  const page = await context.newPage()
  await page.addInitScript(watchTaps)
  const session = await context.newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
  const results: { name: string; ms: number }[] = []
  for (const tap of taps) {
    const durationsMs: number[] = []
    // a valve can be stopped once
    for (let run = 0; run < (tap.name === 'STOP' ? 1 : runs); run++)
      durationsMs.push(await timeOnce(page, url, tap))
    results.push({ name: tap.name, ms: median(durationsMs) })
  }
  await page.close()
  return results
}

async function timeOnce(page: Page, url: string, { path, ready, back, at }: Tap): Promise<number> {
  await page.goto(url + path)
  await page.locator(ready).first().waitFor()
  await back?.(page).tap()
  await page.waitForTimeout(SETTLED_MS)
  const countBefore = await page.evaluate(() => (window as unknown as { tapMs: number[] }).tapMs.length)
  await at(page).tap()
  await page.waitForTimeout(SETTLED_MS)
  return page.evaluate(
    ([longest, from]) => Math.max(longest, ...(window as unknown as { tapMs: number[] }).tapMs.slice(from)),
    [LEAST_MS, countBefore] as const,
  )
}

/** Runs in the page. The browser measures from the touch to the paint after all handlers. */
function watchTaps(): void {
  const page = window as unknown as { tapMs: number[] }
  page.tapMs = []
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { interactionId: number })[])
      if (entry.interactionId > 0) page.tapMs.push(entry.duration)
  }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit)
}
