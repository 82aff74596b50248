/** The jobs of a farmer with a phone in the field, F1 to F9 of the design, in the running demonstration. */
import { expect, it } from 'vitest'
import type { FieldDetail } from '../../services/api/screens/field-schemas.ts'
import { tapCounter } from '../e2e/browser.ts'
import { shellIsKept } from '../e2e/dashboard.ts'
import { BUSY, fieldsOf, isInView, SECOND_MS, verdictOf, type DemoOnPhone } from './demo-on-phone.ts'

/** Call it in a describe block. */
export function farmerJobs(demoPhone: DemoOnPhone): void {
  it('F1: Today shows without a tap whether anything is wrong, and without signal too', async () => {
    const startedMs = performance.now()
    const page = await demoPhone.open('/', { worksOffline: true })
    await verdictOf(page).waitFor()
    expect(performance.now() - startedMs).toBeLessThan(BUSY * 3 * SECOND_MS)
    expect(await verdictOf(page).innerText()).toMatch(/^(All \d+ fields|\d+ things? needs?) /)
    expect(await isInView(page, verdictOf(page))).toBe(true)

    await shellIsKept(page)
    await demoPhone.phone.context.setOffline(true)
    await page.reload()
    await page.getByText(/^No connection\. Data from /).waitFor()
    expect(await verdictOf(page).innerText()).toMatch(/^(All \d+ fields|\d+ things? needs?) /)
    await demoPhone.phone.context.setOffline(false)
  })

  it('F3: the most urgent field, its depth and its duration: sorted without a tap, in detail with one', async () => {
    const page = await demoPhone.open('/')
    await fieldsOf(page).first().waitFor()
    const { fields, needs } = await demoPhone.today()
    const first = needs.find(({ kind }) => kind === 'field')!
    expect(await fieldsOf(page).first().innerText()).toContain(fields.find(({ id }) => id === first.id)!.name)

    const thirsty = fields.find(({ kind, next }) => kind === 'upland' && next !== null)!
    const { tap, count } = tapCounter()
    await tap(fieldsOf(page).filter({ hasText: thirsty.name }))
    const head = page.locator('section[aria-labelledby=verdict]')
    await head.waitFor()
    const banner = await head.innerText()
    expect(banner).toMatch(/\d+\smm/)
    expect(banner).toMatch(/\d+\s(h|min)/)
    expect(count()).toBe(1)
  })

  it('F4: one tap explains why it irrigates or not, in at most six lines and no formula', async () => {
    const { fields } = await demoPhone.today()
    for (const { id } of fields.filter(({ decisionId }) => decisionId !== null).slice(0, 2)) {
      const page = await demoPhone.open(`/fields/${id}`)
      const { tap, count } = tapCounter()
      await tap(page.getByRole('button', { name: 'Why?' }))
      // bars, or sentences where bars would show nothing
      const bars = page.getByRole('dialog').locator('dl > div')
      const lines = bars.or(page.getByRole('dialog').locator('.advice'))
      await lines.first().waitFor()
      expect(await bars.count()).toBeLessThanOrEqual(6)
      expect((await lines.allInnerTexts()).join(' ')).not.toMatch(/[=×*/÷]/)
      expect(count()).toBe(1)
    }
  })

  it('F5: a valve is opened in three taps from Today, always with an end, and is shown as open', async () => {
    const page = await demoPhone.open('/')
    const { tap, count } = tapCounter()
    const { fields, running } = await demoPhone.today()
    const field = fields.find(
      ({ id, kind, farmName, status }) =>
        kind === 'upland' &&
        farmName !== 'Ito' &&
        status !== 'ok' &&
        !running.some((cmd) => cmd.fieldId === id),
    )!
    await tap(fieldsOf(page).filter({ hasText: field.name }))
    await tap(page.getByRole('button', { name: 'Start…' }))
    await tap(page.getByRole('button', { name: /^Open for \d/ }))
    await page
      .getByText(/Open, confirmed \d\d:\d\d/)
      .first()
      .waitFor()
    expect(count()).toBe(3)
    const cmd = (await demoPhone.today()).running.find(({ fieldId }) => fieldId === field.id)!
    expect(cmd.endsAtMs).toBeGreaterThan(cmd.atMs)
    await demoPhone.stopValves(cmd.zoneId)
  })

  it('F2: STOP is on every screen while a valve runs; one tap is acknowledged at once, and then by the valve', async () => {
    // what the plan has opened would share the bar with this valve, folded
    await demoPhone.stopValves()
    await demoPhone.startValve('zone-orchard-low', 120)
    const page = await demoPhone.open('/')
    const stop = page.getByRole('button', { name: /^Stop Lower orchard/ })
    for (const path of [
      '/',
      '/fields',
      '/fields/orchard-low',
      '/water',
      '/pests',
      '/devices',
      '/more',
      '/reports',
    ]) {
      await page.goto(demoPhone.demo.url + path)
      await stop.waitFor()
      expect(await isInView(page, stop), path).toBe(true)
    }
    await page.evaluate(() => {
      addEventListener(
        'click',
        ({ timeStamp, target }) => {
          const row = (target as Element).closest('li')!
          new MutationObserver(
            () => ((window as { feltMs?: number }).feltMs ??= performance.now() - timeStamp),
          ).observe(row, { subtree: true, childList: true, characterData: true, attributes: true })
        },
        { capture: true, once: true },
      )
    })
    const { tap, count } = tapCounter()
    await tap(stop)
    const feltMs = await page.waitForFunction(() => (window as { feltMs?: number }).feltMs)
    expect(await feltMs.jsonValue()).toBeLessThan(BUSY * 100)
    // the closed valve itself, within the 90 s after which a person is notified
    await page.getByText(/^Stopped/).waitFor({ timeout: 90 * SECOND_MS })
    expect(count()).toBe(1)
  }, 150_000)

  it('F7: one tap shows whether a paddy is at the depth of its stage', async () => {
    const page = await demoPhone.open('/')
    await fieldsOf(page).first().waitFor()
    const row = fieldsOf(page).filter({ hasText: 'Paddy 7' })
    const { tap, count } = tapCounter()
    if ((await row.count()) === 0) await tap(page.getByRole('button', { name: /fields OK/ }))
    expect((await row.innerText()).replace(/\s+/g, ' ')).toMatch(/[\d.]+\scm, target [\d.]+[–-][\d.]+/)
    expect(count()).toBeLessThanOrEqual(1)
  })

  it('F8: one tap shows the pest risks by date, and the earliest harvest date', async () => {
    const page = await demoPhone.open('/')
    const { tap, count } = tapCounter()
    await tap(page.getByRole('link', { name: 'Pests' }))
    await page.getByRole('heading', { name: 'Last sprays' }).waitFor()
    const text = await page.locator('main').innerText()
    expect(text).toMatch(/(Do not harvest before|Harvest allowed since) \w+/)
    expect(text).toMatch(/\d+ \w{3}[–-]\d+ \w{3}/) // a range of dates
    expect(text).not.toMatch(/\d\s%/)
    expect(count()).toBe(1)
  })

  it('F9: an observation is noted in three taps without signal, and stored until the server has it', async () => {
    const page = await demoPhone.open('/', { worksOffline: true })
    await fieldsOf(page).first().waitFor()
    await shellIsKept(page)
    // the lazily loaded part of the field's page is in the worker's cache
    await demoPhone.phone.context.setOffline(true)
    const { tap, count } = tapCounter()
    const name = await fieldsOf(page).first().locator('.name').innerText()
    await tap(fieldsOf(page).first())
    await tap(page.getByRole('button', { name: 'Add to this field' }))
    await page.getByLabel('What you saw').fill('Leaves curl at the outlet')
    await tap(page.getByRole('button', { name: 'Save note' }))
    await page.getByText('Note saved on this phone.').waitFor()
    expect(count()).toBe(3)
    await page.getByRole('tab', { name: 'Log' }).tap()
    await page.getByText('on this phone, not sent yet').first().waitFor()
    await page.reload()
    await page.getByText('on this phone, not sent yet').first().waitFor()
    await demoPhone.phone.context.setOffline(false)
    // when the server has accepted it, it is in the record of the field
    await page.getByText('on this phone, not sent yet').first().waitFor({ state: 'detached' })
    await page.getByText('Note: Leaves curl at the outlet').waitFor()
    const { id } = (await demoPhone.today()).fields.find((field) => field.name === name)!
    const { log } = await demoPhone.demo.call<FieldDetail>('GET', `/api/fields/${id}`)
    expect(JSON.stringify(log)).toContain('Leaves curl at the outlet')
  })

  it('F6: a person changes a zone in two taps, or pauses the whole plan in two', async () => {
    const page = await demoPhone.open('/fields/north-3')
    const zone = tapCounter()
    await zone.tap(page.getByRole('region', { name: 'Valves' }).getByRole('button').first())
    await zone.tap(page.getByRole('button', { name: '−10 %' }))
    await page.getByRole('button', { name: '−10 %', pressed: true }).waitFor()
    expect(zone.count()).toBe(2)
    const { zones } = await demoPhone.demo.call<FieldDetail>('GET', '/api/fields/north-3')
    expect(zones.map(({ adjustPercent }) => adjustPercent)).toEqual([-10])

    await page.goto(`${demoPhone.demo.url}/water`)
    const plan = tapCounter()
    await plan.tap(page.getByRole('button', { name: 'Pause all irrigation' }))
    await plan.tap(page.getByRole('button', { name: '24 h', exact: true }))
    await page.getByText('12 zones paused.').waitFor()
    expect(plan.count()).toBe(2)
    await page.getByRole('button', { name: 'End all pauses' }).tap()
    await page.getByText('12 zones resumed.').waitFor()
  })
}
