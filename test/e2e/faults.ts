/** Faults of a page: findings of axe, elements wider than the phone, small targets, cut words. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** Findings of axe, WCAG 2.2 AA and good practice. Leaves the window as tall as the page. */
export async function findings(page: Page): Promise<string[]> {
  await fitWindow(page)
  // the policy of the page forbids foreign script elements, but not evaluation
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(await axe)
  return run(page, { type: 'tag', values: RULES })
}

/** Space below the content for the bar and the dock, which cover what is scrolled under them, and for what is still to come. */
const BELOW_PX = 1_000
const SETTLED_MS = 60

/** Makes the window as tall as the page, which may have grown meanwhile: the cards of a field come in turns. */
async function fitWindow(page: Page): Promise<void> {
  const { width } = page.viewportSize()!
  const pagePx = () => page.evaluate(() => document.documentElement.scrollHeight)
  let height = 0
  let now = await pagePx()
  while (now !== height) {
    height = now
    await page.waitForTimeout(SETTLED_MS)
    now = await pagePx()
  }
  await page.setViewportSize({ width, height: height + BELOW_PX })
}

/** Another theme differs only in colours; for a page that `findings` has checked. */
export const colourFindings = (page: Page): Promise<string[]> =>
  run(page, { type: 'rule', values: ['color-contrast'] })

const run = (page: Page, only: { type: 'tag' | 'rule'; values: string[] }): Promise<string[]> =>
  page.evaluate(async (runOnly) => {
    const { axe } = window as unknown as {
      axe: {
        run(
          within: Node,
          options: object,
        ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>
      }
    }
    // the page behind an open sheet cannot be reached, and has its own test
    const reachable = document.querySelector('dialog[open]') ?? document
    // what passes needs no description
    const { violations } = await axe.run(reachable, { runOnly, resultTypes: ['violations'] })
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
    )
  }, only)

/** Elements that extend beyond the right edge of the phone. */
export const wide = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    document.documentElement.scrollWidth <= innerWidth
      ? []
      : [...document.querySelectorAll('body *')]
          .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
          .map((element) => element.outerHTML.slice(0, 120)),
  )

/** Buttons and links lower than 48 px, or narrower. Text links inside a sentence are exempt. */
export const small = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('button, a, input, select, summary, [role=slider]')]
      .filter((element) => element.className !== 'skip')
      .flatMap((element) => {
        // the label of a box can be tapped like the box
        const target = element.matches('[type=checkbox]') ? (element.closest('label') ?? element) : element
        const { width, height } = target.getBoundingClientRect()
        return width > 0 && (height < 47.5 || width < 47.5)
          ? [`${Math.round(width)} x ${Math.round(height)}: ${element.outerHTML.slice(0, 100)}`]
          : []
      }),
  )

/** Words that are partly hidden: outside the phone, or outside a container that does not scroll. */
export const cut = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    // a map extends beyond its frame: it is dragged
    const isHidden = (element: Element) =>
      element.closest('.visually-hidden, .skip, svg, option, .leaflet-container') !== null
    /** The nearest ancestor that clips its content horizontally or vertically. */
    const holderOf = (element: Element): Element | null => {
      for (let holder: Element | null = element; holder; holder = holder.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(holder)
        if (overflowX === 'auto' || overflowX === 'scroll' || overflowY === 'auto' || overflowY === 'scroll')
          return null
        if (overflowX !== 'visible' || overflowY !== 'visible') return holder
      }
      return null
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const foundTexts: string[] = []
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const parent = node.parentElement!
      if (node.textContent!.trim() === '' || isHidden(parent) || !parent.checkVisibility()) continue
      const range = document.createRange()
      range.selectNodeContents(node)
      const { left, right, top, bottom, width } = range.getBoundingClientRect()
      if (width === 0) continue
      const holder = holderOf(parent)?.getBoundingClientRect()
      const isOut = left < -1 || right > innerWidth + 1
      const isCut =
        holder !== undefined &&
        (left < holder.left - 1 ||
          right > holder.right + 1 ||
          top < holder.top - 1 ||
          bottom > holder.bottom + 1)
      if (isOut || isCut)
        foundTexts.push(`${node.textContent!.trim().slice(0, 60)} in ${parent.outerHTML.slice(0, 90)}`)
    }
    return foundTexts
  })
