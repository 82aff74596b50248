/** What the screens show of each field, read from the page: lists, map, the field's page and the reasons of its decision. */
import type { Page } from 'playwright-core'
import type { FieldCard } from '../../services/api/schemas.ts'

/** A bar as drawn: the share that is filled, or the place of the level; hatched: estimated or unknown. */
export interface ShownBar {
  share: number | null
  isHatched: boolean
  isGood: boolean // in the colour of enough water
}

/** A row of Today or of the list of fields. */
export interface ShownRow {
  status: string
  word: string
  amount: string
  bar: ShownBar
}

/** A field's page: its head, and its chart. */
export interface ShownPage {
  status: string
  word: string
  line: string | null
  number: string | null // the headline
  amount: string | null // the words behind it
  range: string | null
  bar: ShownBar | null
  chart: string // the reading of the chart at its present
  hasWhy: boolean
}

/** The sheet with the reasons. Amounts are the figures as printed; a remark has none. */
export interface ShownReasons {
  verdict: string
  advice: string[]
  terms: { name: string; amount: string }[]
}

export interface ShownOnMap {
  /** status of the outlines, in the order of the fields with a boundary */
  outlines: string[]
  labels: Map<string, { status: string; word: string }>
}

/** Reads a list of fields that is on the screen. */
export async function readRows(page: Page): Promise<Map<string, ShownRow>> {
  const rows = await page.evaluate(() => {
    const statusOf = (element: Element | null): string =>
      [...(element?.classList ?? [])].find((name) => name.startsWith('status-'))?.slice(7) ?? ''
    const text = (element: Element | null): string => (element?.textContent ?? '').replace(/\s+/g, ' ').trim()
    return [...document.querySelectorAll('main ul.card li > a[href^="/fields/"]')].flatMap((link) => {
      const gauge = link.querySelector('.line svg')
      if (!gauge) return [] // an alert of a field
      const width = gauge.getBoundingClientRect().width
      const level = gauge.querySelector('.level-mark')
      const tank = gauge.querySelector('g[clip-path] rect')
      const number = (element: Element, name: string): number => Number(element.getAttribute(name))
      // edges: one pixel at either end
      const share = level
        ? (number(level, 'x') + 2.5 - 1) / (width - 2)
        : tank
          ? (number(tank, 'width') - 1) / (width - 2)
          : null
      return [
        {
          id: decodeURIComponent(link.getAttribute('href')!.split('/').at(-1)!),
          status: statusOf(link.querySelector('svg.mark')),
          word: text(link.querySelector('.word')),
          // the time by which it is needed is on Today alone
          amount: text(link.querySelector('.line .grow'))
            .replace(text(link.querySelector('.due')), '')
            .trim(),
          bar: {
            share,
            isHatched: gauge.querySelector('.dashed') !== null,
            isGood: gauge.querySelector('.good, .full') !== null,
          },
        },
      ]
    })
  })
  return new Map(rows.map(({ id, ...row }) => [id, row]))
}

/** Opens a page and waits until it shows the response of the server, not the last one that the phone has kept. */
async function open(page: Page, url: string, api: string): Promise<void> {
  const response = page.waitForResponse((item) => item.url().includes(api))
  await page.goto(url)
  await (await response).finished()
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve)))
      }),
  )
}

/** Today with the fields that are OK unfolded. */
export async function readToday(page: Page, url: string, count: number): Promise<Map<string, ShownRow>> {
  await open(page, `${url}/`, '/api/today')
  const fold = page.locator('.fold button')
  await page.waitForFunction(
    (total) =>
      document.querySelector('.fold button') !== null ||
      document.querySelectorAll('ul.fields > li').length >= total,
    count,
  )
  if ((await fold.count()) > 0) await fold.click()
  await page.waitForFunction(
    (total) => document.querySelectorAll('ul.fields > li > a').length >= total,
    count,
  )
  return readRows(page)
}

export async function readList(page: Page, count: number): Promise<Map<string, ShownRow>> {
  await page.locator('nav a[href="/fields"]').click()
  await page.waitForFunction(
    (total) => document.querySelectorAll('main section ul.card > li').length >= total,
    count,
  )
  return readRows(page)
}

/** The map of all fields; from the list. `onMap`: while it is on the screen. */
export async function readMap(page: Page, count: number, onMap: () => Promise<void>): Promise<ShownOnMap> {
  await page.getByRole('button', { name: 'Map' }).click()
  await page.waitForFunction((total) => document.querySelectorAll('.map-field').length >= total, count)
  await page.locator('a.label').first().waitFor()
  await onMap()
  const shown = await page.evaluate(() => {
    const statusOf = (element: Element | null): string =>
      [...(element?.classList ?? [])].find((name) => name.startsWith('status-'))?.slice(7) ?? ''
    return {
      outlines: [...document.querySelectorAll('.map-field')].map(statusOf),
      labels: [...document.querySelectorAll('a.label')].map((label) => ({
        id: decodeURIComponent(label.getAttribute('href')!.split('/').at(-1)!),
        // the sign of a far name stands on the field
        status: statusOf(label.parentElement!.querySelector('svg.mark')),
        word: label.getAttribute('aria-label')!.split(', ').slice(1).join(', '),
      })),
    }
  })
  await page.getByRole('button', { name: 'List' }).click()
  return { outlines: shown.outlines, labels: new Map(shown.labels.map(({ id, ...label }) => [id, label])) }
}

export async function readFieldPage(page: Page, url: string, card: FieldCard): Promise<ShownPage> {
  await open(page, `${url}/fields/${card.id}`, `/api/fields/${card.id}?`)
  await page.locator('figure [role=slider]').first().waitFor()
  return page.evaluate(() => {
    const text = (selector: string): string | null =>
      document.querySelector(selector)?.textContent?.replace(/\s+/g, ' ').trim() ?? null
    const head = document.querySelector('section.head')!
    const gauge = document.querySelector('.gauge svg')
    const tank = gauge?.querySelector('g[clip-path] rect')
    return {
      status: [...head.classList].find((name) => /^(act|soon|ok|wet|unknown)$/.test(name)) ?? '',
      word: text('section.head h2') ?? '',
      line: text('section.head .line') || null,
      number: text('section.head .number'),
      amount: text('section.head .value .strong'),
      range: text('.gauge .range'),
      bar: gauge
        ? {
            // edges: two pixels at either end
            share: tank
              ? (Number(tank.getAttribute('width')) - 2) / (Number(gauge.getAttribute('width')) - 4)
              : null,
            isHatched: gauge.querySelector('.dashed') !== null,
            isGood: gauge.querySelector('.good, .full') !== null,
          }
        : null,
      chart: document.querySelector('figure [role=slider]')!.getAttribute('aria-valuetext') ?? '',
      hasWhy: [...document.querySelectorAll('main button')].some(
        (button) => button.textContent?.trim() === 'Why?' && !(button as HTMLButtonElement).disabled,
      ),
    }
  })
}

/** Opens the reasons on a field's page. */
export async function readReasons(page: Page): Promise<ShownReasons> {
  await page.getByRole('button', { name: 'Why?' }).click()
  await page.locator('dialog .verdict').waitFor()
  return page.evaluate(() => {
    const text = (element: Element | null): string => (element?.textContent ?? '').replace(/\s+/g, ' ').trim()
    const dialog = document.querySelector('dialog[open]') ?? document.querySelector('dialog')!
    return {
      verdict: text(dialog.querySelector('.verdict')),
      advice: [...dialog.querySelectorAll('.advice')].map(text),
      terms: [...dialog.querySelectorAll('dl > div')].map((row) => ({
        name: text(row.querySelector('dt')),
        amount: text(row.querySelector('dd')),
      })),
    }
  })
}

/** The height of the page when nothing more is added to it. */
export async function settledHeight(page: Page): Promise<number> {
  let last = 0
  for (let same = 0; same < 3;) {
    await page.waitForTimeout(80)
    const now = await page.evaluate(() => document.documentElement.scrollHeight)
    same = now === last ? same + 1 : 0
    last = now
  }
  return last
}
