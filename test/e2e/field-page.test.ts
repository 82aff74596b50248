/** The page of a field: its head, its four tabs with an address of their own, and its length on a phone. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { fieldTabs } from '../../dashboard/src/fields/field-tabs.ts'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'
import * as farm from './fixture-farm.ts'
import { settledHeight } from './shown-fields.ts'

const SCREEN_PX = 844
const MOST_SCREENS = 2.5

describe.skipIf(!hasBrowser)(`the page of a field${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })
  const { open } = dashboard
  const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true })

  it.each(farm.cards().map(({ id }) => id))(
    'of %s has its verdict, number, bar and action in the first screen, and each tab is at most 2.5 screens long',
    async (id) => {
      const page = await open(`/fields/${id}`)
      await page.locator('[role=slider]').first().waitFor()
      const end = await page.evaluate(() => document.querySelector('nav')!.getBoundingClientRect().top)
      for (const part of ['.verdict', '.number', '.head svg', '.why', '.actions', '[role=tablist]']) {
        const box = (await page.locator(`main ${part}`).last().boundingBox())!
        expect([part, box.y + box.height <= end]).toEqual([part, true])
      }
      for (const name of fieldTabs) {
        await page.locator(`#tab-${name}`).tap()
        await page.locator(`#panel-${name} > *`).first().waitFor()
        const heightPx = await settledHeight(page)
        expect([name, heightPx <= MOST_SCREENS * SCREEN_PX, heightPx]).toEqual([name, true, heightPx])
        const filled = await page.locator('main .button.main:visible').allInnerTexts()
        expect([name, filled.length <= 1, filled]).toEqual([name, true, filled])
      }
    },
  )

  it('opens its tabs by tap and by key, and names the open one in the address', async () => {
    const page = await open('/fields/hill-2')
    await tab(page, 'Pests').tap()
    await page.getByRole('tabpanel', { name: 'Pests' }).getByRole('heading', { name: 'Diseases' }).waitFor()
    expect(new URL(page.url()).search).toBe('?tab=pests')
    await tab(page, 'Pests').focus()
    await page.keyboard.press('ArrowRight')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Work')
    await page.getByRole('tabpanel', { name: 'Work' }).getByRole('heading', { name: 'Field work' }).waitFor()
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowRight')
    expect(await tab(page, 'Water').getAttribute('aria-selected')).toBe('true')
    expect(new URL(page.url()).search).toBe('')
    // Tab leaves the tabs: only the open one is on its way
    expect(await page.locator('[role=tab][tabindex="0"]').allInnerTexts()).toEqual(['Water'])
  })

  it('returns to its tab from another page, and one step back leaves the field', async () => {
    const page = await open('/')
    await page.getByRole('link', { name: /^Hill 2/ }).tap()
    await tab(page, 'Log').tap()
    await tab(page, 'Work').tap()
    await page.getByRole('link', { name: 'Map', exact: true }).tap()
    await page.waitForURL('**/fields?map=*')
    await page.goBack()
    await page.getByRole('tabpanel', { name: 'Work' }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { name: /things need attention/ }).waitFor()
  })

  it.each([
    ['apple-scab', 'Pests'],
    ['codling-moth', 'Pests'],
    ['treat', 'Pests'],
    ['harvest', 'Work'],
    ['work', 'Work'],
    ['water', 'Water'],
  ])('a link to its card %s opens the tab %s', async (card, name) => {
    const page = await open(`/fields/${card === 'harvest' ? 'paddy-7' : 'hill-2'}?card=${card}`)
    await page.locator(`#card-${card}`).waitFor()
    expect(await tab(page, name).getAttribute('aria-selected')).toBe('true')
  })

  it('a link to a card of its set-up opens the set-up', async () => {
    const page = await open('/fields/north-3?card=strategy')
    await page.getByRole('dialog', { name: 'North 3: set-up' }).locator('#card-strategy').waitFor()
    await page.getByRole('button', { name: 'Close', exact: true }).tap()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  it('of a paddy states when its mid-season drainage was, and what to look for in its rice', async () => {
    const page = await open('/fields/paddy-7')
    const drainage = page.getByRole('region', { name: 'Mid-season drainage' })
    await drainage.getByText('Thu 18 Jun to Fri 26 Jun: 9 days').waitFor()
    await drainage.getByText('Days without standing water: 7, target 7').waitFor()
    await page.getByRole('tab', { name: 'Pests' }).click()
    const look = page.getByRole('region', { name: 'Look for now' })
    await look.getByText('Spray from 20 insects on 100 hills').waitFor()
    await look.getByText('Sources').click()
    await look.getByText('Yamaguchi, technical note 4 of 2016').waitFor()
    await look.getByRole('link', { name: 'Record a count' }).click()
    await page.getByRole('dialog').waitFor()
  })

  it('of a dry paddy states how far it is to be filled, with which water, and what links the two, in the unit that was chosen', async () => {
    const page = await open('/fields/paddy-8', { dryPaddy: true })
    const head = page.locator('main .head')
    const text = async (name: string) => (await page.locator(name).first().innerText()).replace(/\s/g, ' ')
    // 18 cm of soil with a tenth of pores, and 5 cm above it
    expect(await text('.head .line')).toBe('Fill it by 23 cm, to 5 cm: 68 mm of water')
    const link = /^10\smm of water raise the level by 1\scm above the soil, and by 10\scm in it\.$/
    await page.locator('main').getByText(link).waitFor()
    await head.getByRole('button', { name: 'Why?' }).tap()
    await page.getByRole('dialog').getByText(link).waitFor()
    await page.goto(`${dashboard.fixture.url}/fields/paddy-8#start/paddy-8`)
    await page
      .getByRole('dialog')
      .getByText(/10\smm of water raise the level/)
      .waitFor()
    await page.goto(`${dashboard.fixture.url}/settings`)
    await page.getByRole('button', { name: 'mm', exact: true }).first().tap()
    await page.goto(`${dashboard.fixture.url}/fields/paddy-8`)
    await expect.poll(() => text('.head .line')).toBe('Fill it by 230 mm, to 50 mm: 68 mm of water')
  })

  it.each([
    ['north-3', 'Approve for 05:40'],
    ['river-bend', 'Find the silent device'],
  ])('the filled button of %s does what its verdict asks for', async (id, text) => {
    const page = await open(`/fields/${id}`)
    expect((await page.locator('.head .button.main').innerText()).replace(/\s/g, ' ')).toBe(text)
  })
})
