/** Tables of a desk (members, irrigation record, sprays): sorted by a press on a heading, with the columns that a person wants. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'
import { findings, wide } from './faults.ts'

describe.skipIf(!hasBrowser)(`the members' table of a desk${needs}`, () => {
  const dashboard = useDashboard({ how: { width: 1280, height: 800 }, onePhone: true })
  const open = async (): Promise<Page> => {
    const page = await dashboard.open('/reports', { reports: 'members' })
    await page.locator('tbody tr').first().waitFor()
    return page
  }
  const headingOf = (page: Page, name: string) => page.getByRole('columnheader', { name, exact: true })
  /** The cells of a column, from the top. */
  const column = async (page: Page, heading: string): Promise<string[]> => {
    const index = (await page.locator('thead th').allInnerTexts()).findIndex((text) =>
      text.startsWith(heading),
    )
    return page.locator(`tbody tr > :nth-child(${index + 1})`).allInnerTexts()
  }

  it('sorts by a heading with the keyboard, upwards, downwards and as sent, and announces the order', async () => {
    const page = await open()
    const sent = await column(page, 'Fields')
    await headingOf(page, 'Fields').getByRole('button').focus()
    for (const [order, sorted] of [
      ['ascending', sent.toSorted((a, b) => Number(a) - Number(b))],
      ['descending', sent.toSorted((a, b) => Number(b) - Number(a))],
      [null, sent],
    ] as const) {
      await page.keyboard.press('Enter')
      expect(await headingOf(page, 'Fields').getAttribute('aria-sort')).toBe(order)
      expect(await column(page, 'Fields')).toEqual(sorted)
    }
    expect(await page.locator('[aria-sort]').count()).toBe(0)
    // the mean of all stays below them
    await headingOf(page, 'Area').getByRole('button').click()
    expect(await page.locator('tfoot th').innerText()).toBe('All members')
  })

  it('leaves out a column, also after a reload, and no name is broken', async () => {
    const page = await open()
    const headings = (): Promise<string[]> => page.locator('thead th').allInnerTexts()
    const all = await headings()
    await page.getByText('Columns', { exact: true }).click()
    await page.getByRole('checkbox', { name: 'Sprays' }).uncheck()
    await headingOf(page, 'Area').getByRole('button').click()
    const less = await headings()
    expect(less).toHaveLength(all.length - 1)
    await page.reload()
    await page.locator('tbody tr').first().waitFor()
    expect(await headings()).toEqual(less)
    expect(await headingOf(page, 'Area').getAttribute('aria-sort')).toBe('ascending')
    const heights = await page
      .locator('tbody th span')
      .evaluateAll((names) => names.map((name) => name.getBoundingClientRect().height))
    expect(Math.max(...heights)).toBe(Math.min(...heights))
    expect([await wide(page), await findings(page)]).toEqual([[], []])
  })
})

describe.skipIf(!hasBrowser)(`the records of a desk${needs}`, () => {
  const dashboard = useDashboard({ how: { width: 1280, height: 800 }, onePhone: true })
  const column = (page: Page, nth: number): Promise<string[]> =>
    page.locator(`table.figures tbody tr > :nth-child(${nth})`).allInnerTexts()

  it('the irrigation record sorts by its amounts, leaves out a column, and voids a run', async () => {
    const page = await dashboard.open('/fields/hill-2')
    const depth = page.getByRole('columnheader', { name: 'Depth, mm', exact: true })
    await depth.waitFor()
    expect(await column(page, 2)).toEqual(['12', '9'])
    await depth.getByRole('button').click()
    expect(await column(page, 2)).toEqual(['9', '12'])
    await page.locator('summary', { hasText: 'Columns' }).click()
    await page.getByRole('checkbox', { name: 'Amount is' }).uncheck()
    expect(await page.getByRole('columnheader', { name: 'Amount is', exact: true }).count()).toBe(0)
    const row = page.locator('tbody tr').first()
    await row.getByRole('button', { name: 'Void entry' }).click()
    await row.getByLabel(/^Reason/).fill('the pump was off')
    await row.getByRole('button', { name: 'Void entry' }).click()
    await row.getByText('Voided: the pump was off').waitFor()
    expect([await wide(page), await findings(page)]).toEqual([[], []])
  })

  it('the sprays sort by the day from which the crop may be harvested; an unknown day stays last', async () => {
    const page = await dashboard.open('/pests')
    const harvest = page.getByRole('columnheader', { name: 'Harvest', exact: true })
    await harvest.waitFor()
    const fields = (): Promise<string[]> => column(page, 2)
    for (const [order, first] of [
      ['ascending', /^Hill 2/],
      ['descending', /^Hill 2/],
    ] as const) {
      await harvest.getByRole('button').click()
      expect(await harvest.getAttribute('aria-sort')).toBe(order)
      expect((await fields())[0]).toMatch(first)
    }
    expect(await fields()).toHaveLength(2)
    expect([await wide(page), await findings(page)]).toEqual([[], []])
  })
})
