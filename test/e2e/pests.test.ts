/** Pests and diseases on the phone: threats, and counts and notes entered without signal. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs, tapCounter } from './browser.ts'
import { shellIsKept, useDashboard } from './dashboard.ts'

describe.skipIf(!hasBrowser)(`pests and diseases${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })
  const { open } = dashboard
  /** Counts and notes as the server received them. */
  const receivedBodies = () =>
    dashboard.fixture.received
      .filter(({ route }) => /\/(scouting-counts|notes)$/.test(route))
      .map(({ route, body }) => ({ route, ...(body as { idem: string; count?: number; text?: string }) }))
  async function countOneMore(page: Page): Promise<void> {
    await page.getByRole('button', { name: /^Count this trap/ }).tap()
    await page.getByRole('button', { name: 'One more' }).tap()
    await page.getByRole('button', { name: 'Save', exact: true }).tap()
  }

  it('on Today the urgent ones come first, and one tap opens the card of the field', async () => {
    const page = await open('/')
    await page.getByRole('link', { name: 'Pests' }).tap()
    await page.getByText('2 need attention').waitFor()
    const names = await page.locator('main .row-name').allTextContents()
    expect(names).toEqual(['Codling moth', 'Rice leaf blast', 'Apple scab'])
    await page.getByText('Check: 24 Jul–27 Jul').waitFor()
    await page.getByRole('link', { name: /^Rice leaf blast/ }).tap()
    await page.waitForURL(/\/fields\/paddy-7/)
    const card = page.locator('#card-rice-leaf-blast')
    await card.waitFor()
    await page.waitForFunction(() => {
      const top = document.getElementById('card-rice-leaf-blast')!.getBoundingClientRect().top
      return top >= 0 && top < innerHeight / 2
    })
  })

  it('a disease without data for days is shown as such, in amber, and never as calm', async () => {
    const page = await open('/pests')
    const scab = page.getByRole('listitem').filter({ hasText: 'Apple scab' })
    await scab.getByText('Cannot judge', { exact: true }).first().waitFor()
    expect(await scab.getByText(/^Data up to Mon 20 Jul/).getAttribute('class')).toContain('status-soon')
  })

  it('without a risk the page states it; without monitoring it lists the missing data', async () => {
    const page = await open('/pests', { pests: 'calm' })
    await page.getByText('No risk now. 3 pests and diseases are monitored.').waitFor()
    const emptyPage = await open('/pests', { pests: 'none' })
    await emptyPage.getByText(/^No pest or disease is monitored yet/).waitFor()
  })

  it('an event that has passed with the days without temperature is shown as passed, not as still to come', async () => {
    const page = await open('/pests', { pests: 'passed' })
    const moth = page.getByRole('listitem').filter({ hasText: 'Codling moth' }).first()
    await moth.getByText('next generation: passed, 26 May–27 May').waitFor()
    await page.goto(`${dashboard.fixture.url}/fields/hill-2?tab=pests`)
    const card = page.locator('#card-codling-moth')
    await card.getByText('next generation: passed, 26 May–27 May').first().waitFor()
    await open('/pests')
    await moth.getByText('next generation: 29 Jul–5 Aug').waitFor()
  })

  it('the days of a pest stand below the same dates, with a sign for each that is readable without colour', async () => {
    const page = await open('/pests')
    const calendar = page.getByRole('region', { name: 'Pests and diseases' })
    const blast = calendar.getByRole('listitem').filter({ hasText: 'Rice leaf blast' })
    await blast.getByRole('img', { name: /High risk: 3 days.*Check: 24 Jul–27 Jul$/ }).waitFor()
    const heights = (sign: string) =>
      blast
        .locator(`rect.${sign}`)
        .evaluateAll((blocks) => blocks.map((block) => Math.round(block.getBoundingClientRect().height)))
    const [high, moderate, low] = [await heights('high'), await heights('moderate'), await heights('low')]
    expect([high.length, moderate.length]).toEqual([3, 3])
    expect(Math.min(...high)).toBeGreaterThan(Math.max(...moderate))
    expect(Math.min(...moderate)).toBeGreaterThan(2 * Math.max(...low))
    // four days to go and look, from today on, as outlines
    expect(await blast.locator('rect.scout').count()).toBe(4)
    const lefts = await calendar
      .locator('.days[role=img]')
      .evaluateAll((rows) => rows.map((row) => Math.round(row.getBoundingClientRect().left)))
    expect(new Set(lefts).size).toBe(1)
    // every field of a pest is a button
    expect(await blast.locator('.chip').allInnerTexts()).toEqual(['Paddy 7', 'Paddy 8'])
  })

  it('the quiet ones are one line, which opens to their days', async () => {
    const page = await open('/pests', { pests: 'calm' })
    const calendar = page.getByRole('region', { name: 'Pests and diseases' })
    expect(await calendar.getByRole('listitem').count()).toBe(0)
    await calendar.getByRole('button', { name: /^No risk now/ }).tap()
    await calendar.getByRole('img', { name: 'Low risk: 14 days' }).first().waitFor()
    expect(await calendar.getByRole('listitem').count()).toBe(3)
  })

  it('a product that may not be used is not chosen for the person, and states why', async () => {
    const page = await open('/fields/north-3#treat/north-3/codling-moth')
    const sheet = page.getByRole('dialog')
    await sheet.getByText('None of your products may be used now:').waitFor()
    await sheet.getByText(/^Orchard guard WG: 21-day pre-harvest interval/).waitFor()
    expect(await sheet.getByRole('combobox').inputValue()).toBe('')
    expect(await sheet.getByRole('button', { name: 'Next' }).count()).toBe(0)
    await sheet.getByRole('combobox').selectOption({ label: 'Orchard guard WG' })
    await sheet.getByText('forbidden', { exact: true }).waitFor()
    expect(await sheet.getByRole('button', { name: 'Next' }).count()).toBe(0)
  })

  it('where no product is labelled for a pest, one tap opens the form of a product for it', async () => {
    const page = await open('/fields/hill-1?tab=pests')
    await page.locator('#card-treat').getByRole('link', { name: 'Add a product' }).tap()
    const sheet = page.getByRole('dialog', { name: 'Products' })
    expect(await sheet.getByLabel('Against (pest or disease)').inputValue()).toBe('codling-moth')
    expect(await sheet.getByLabel('Crop').inputValue()).toBe('apple')
  })

  it('the end of a waiting period is no sign that the crop is ripe', async () => {
    const page = await open('/fields/north-3?tab=pests')
    const line = page.locator('#card-treat').getByText('No spray delays the harvest')
    await line.waitFor()
    expect(await line.getAttribute('class')).not.toContain('status-ok')
    expect(await line.locator('svg').count()).toBe(0)
  })

  it('a trap is counted with three taps, and the count is shown at once', async () => {
    const page = await open('/pests')
    const { tap, count } = tapCounter()
    await tap(page.getByRole('button', { name: /^Count this trap/ }))
    await tap(page.getByRole('button', { name: 'One more' }))
    await tap(page.getByRole('button', { name: 'Save', exact: true }))
    expect(count()).toBe(3)
    const moth = page.getByRole('listitem').filter({ hasText: 'counted by hand' })
    await moth.getByText('13', { exact: true }).waitFor()
    await moth.getByText('before: 12').waitFor()
    expect(receivedBodies()).toMatchObject([{ route: 'POST /api/fields/hill-2/scouting-counts', count: 13 }])
  })

  it('without a network a count survives a reload, is marked with a clock, and is sent once when the network is back (U18)', async () => {
    const page = await open('/pests', {}, { worksOffline: true })
    await page.getByText('2 need attention').waitFor()
    await shellIsKept(page)
    await dashboard.phone.context.setOffline(true)
    await countOneMore(page)
    const queuedText = page.getByText('13: on this phone, not sent yet')
    await queuedText.waitFor()
    await page.reload()
    await queuedText.waitFor()
    expect(receivedBodies()).toEqual([])
    await dashboard.phone.context.setOffline(false)
    await queuedText.waitFor({ state: 'detached' })
    await page.getByText(/^sent \d\d:\d\d/).waitFor()
    // a wake and another reload send nothing again
    await page.reload()
    await page.getByText(/^sent \d\d:\d\d/).waitFor()
    expect(receivedBodies().map(({ count }) => count)).toEqual([13])
  })

  it('a count whose response was lost is sent again with the same key', async () => {
    const page = await open('/pests')
    await page.getByText('2 need attention').waitFor()
    let isFirst = true
    await page.route('**/scouting-counts', async (route) => {
      if (!isFirst) return route.continue()
      isFirst = false
      // the request arrives and its response is lost
      await route.fetch()
      await route.abort('connectionreset')
    })
    await countOneMore(page)
    await page.getByText('13: on this phone, not sent yet').waitFor()
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await page.getByText(/^sent \d\d:\d\d/).waitFor()
    expect(receivedBodies().length).toBeGreaterThan(1)
    expect(new Set(receivedBodies().map(({ idem }) => idem)).size).toBe(1)
  })

  it('the sign-in page of a network is no confirmation: the count stays queued', async () => {
    const page = await open('/pests')
    await page.getByText('2 need attention').waitFor()
    await page.route('**/scouting-counts', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<h1>Wi-Fi</h1>' }),
    )
    await countOneMore(page)
    await page.getByText('13: on this phone, not sent yet').waitFor()
    await page.unroute('**/scouting-counts')
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await page.getByText(/^sent \d\d:\d\d/).waitFor()
    expect(receivedBodies()).toHaveLength(1)
  })

  it('a refused entry stays with its reason until it is deleted (U21)', async () => {
    const page = await open('/pests', { sightings: 'refused' })
    await countOneMore(page)
    const list = page.locator('section', { has: page.locator('#noted') })
    await list.getByText('rejected, it no longer exists').waitFor()
    await page.reload()
    await list.getByText('rejected, it no longer exists').waitFor()
    await list.getByRole('button', { name: 'Delete' }).tap()
    await list.getByRole('button', { name: 'Delete for good' }).tap()
    await list.waitFor({ state: 'detached' })
    await page.reload()
    await page.getByText('2 need attention').waitFor()
    expect(await list.count()).toBe(0)
    expect(receivedBodies()).toHaveLength(1)
  })

  it('a note is kept and sent, as one line, in Japanese too', async () => {
    const page = await open('/fields/paddy-7?tab=log', {}, { language: 'ja', worksOffline: true })
    await page.getByRole('button', { name: 'メモを書く' }).tap()
    // the sheet is loaded when it opens
    await page.getByLabel('気づいたこと').waitFor()
    await dashboard.phone.context.setOffline(true)
    await page.getByLabel('気づいたこと').fill('水尻のあたりで\n倒伏')
    await page.getByRole('button', { name: 'メモを保存' }).tap()
    await page.getByText('メモをこの端末に保存しました。つながると送信します。').waitFor()
    const queued = page.getByText('この端末に保存、未送信')
    await queued.waitFor()
    await dashboard.phone.context.setOffline(false)
    await queued.waitFor({ state: 'detached' })
    expect(receivedBodies()).toMatchObject([
      { route: 'POST /api/fields/paddy-7/notes', text: '水尻のあたりで 倒伏' },
    ])
  })

  it('a queued entry belongs to its author: the next person on this phone neither sees nor sends it', async () => {
    const page = await open('/pests')
    await page.getByText('2 need attention').waitFor()
    await page.route('**/scouting-counts', (route) => route.abort())
    await countOneMore(page)
    await page.getByText('13: on this phone, not sent yet').waitFor()
    const signOutAndIn = async () => {
      await page.getByRole('link', { name: 'More' }).tap()
      await page.getByRole('button', { name: 'Sign out' }).tap()
      await page.getByLabel('E-mail').fill('haruko@example.org')
      await page.getByLabel('Password', { exact: true }).fill('green-fields')
      await page.getByRole('button', { name: 'Sign in' }).tap()
      await page.getByRole('link', { name: 'Pests' }).tap()
      await page.getByRole('button', { name: /^Count this trap/ }).waitFor()
    }
    await page.route('**/api/session', async (route) => {
      const response = await route.fetch()
      const { me } = (await response.json()) as { me: { user: object } | null }
      const otherPerson = me && { ...me, user: { ...me.user, id: 'user-2' } }
      await route.fulfill({ response, json: { me: otherPerson } })
    })
    await signOutAndIn()
    await page.unroute('**/scouting-counts')
    await page.evaluate(() => dispatchEvent(new Event('online')))
    expect(await page.getByText('not sent yet').count()).toBe(0)
    expect(receivedBodies()).toEqual([])
    await page.unroute('**/api/session')
    await signOutAndIn()
    await page.getByText(/^sent \d\d:\d\d/).waitFor()
    expect(receivedBodies()).toHaveLength(1)
  })

  it('a viewer counts nothing, and sees why', async () => {
    const page = await open('/pests', { role: 'viewer' })
    await page.getByRole('button', { name: /^Count this trap/ }).press('Enter')
    await page.getByText('Your role does not include this.').first().waitFor()
    expect(await page.getByRole('button', { name: 'One more' }).count()).toBe(0)
  })
})
