/** What a person enters in the field, from the + of each field: within two taps, and never lost. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs, tapCounter } from './browser.ts'
import { shellIsKept, useDashboard } from './dashboard.ts'

describe.skipIf(!hasBrowser)(`entries from the field${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })
  const { open } = dashboard
  const add = (page: Page) => page.getByRole('button', { name: 'Add to this field' })
  const sheet = (page: Page) => page.getByRole('dialog', { name: 'Hill 2: add' })
  const text = (page: Page) => sheet(page).getByLabel('What you saw')
  const takePhoto = async (page: Page): Promise<void> => {
    const jpeg = await page.evaluate(() => {
      const canvas = document.createElement('canvas')
      canvas.width = 1_600
      canvas.height = 900
      return canvas.toDataURL('image/jpeg').split(',')[1]!
    })
    await sheet(page)
      .locator('input[type=file]')
      .setInputFiles({ name: 'leaf.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(jpeg, 'base64') })
  }

  it('F9: a half-typed note survives Back, a tab change and a reload, and is sent once it is saved', async () => {
    const page = await open('/')
    const { tap, count } = tapCounter()
    await tap(page.getByRole('link', { name: /^Hill 2/ }))
    await tap(add(page))
    await text(page).fill('Leaves curl')
    await page.goBack()
    await sheet(page).waitFor({ state: 'detached' })
    await page.getByRole('tab', { name: 'Log' }).tap()
    await add(page).tap()
    expect(await text(page).inputValue()).toBe('Leaves curl')
    await page.reload()
    expect(await text(page).inputValue()).toBe('Leaves curl')
    await tap(sheet(page).getByRole('button', { name: 'Save note' }))
    expect(count()).toBe(3)
    await page.getByRole('status').filter({ hasText: 'Note saved' }).waitFor()
    await sheet(page).waitFor({ state: 'detached' })
    await expect
      .poll(() => dashboard.fixture.received)
      .toMatchObject([{ route: 'POST /api/fields/hill-2/notes', body: { text: 'Leaves curl' } }])
    await add(page).tap()
    expect(await text(page).inputValue()).toBe('')
  })

  it('a note is entered without signal on a field that was never opened, and sent when the network is back', async () => {
    const page = await open('/', {}, { worksOffline: true })
    await page.getByRole('link', { name: /^Hill 2/ }).waitFor()
    await shellIsKept(page)
    await dashboard.phone.context.setOffline(true)
    await page.getByRole('link', { name: /^Hill 2/ }).tap()
    await add(page).tap()
    await text(page).fill('Hail')
    await sheet(page).getByRole('button', { name: 'Save note' }).tap()
    await page.getByRole('status').filter({ hasText: 'Note saved on this phone.' }).waitFor()
    await sheet(page).waitFor({ state: 'detached' })
    await page.getByRole('tab', { name: 'Log' }).tap()
    await page.getByText('on this phone, not sent yet').waitFor()
    await dashboard.phone.context.setOffline(false)
    await page.getByText('on this phone, not sent yet').waitFor({ state: 'detached' })
    expect(dashboard.fixture.received).toMatchObject([{ body: { text: 'Hail' } }])
  })

  it('a photo is enough for a note: it waits on the phone without signal, also over a reload, and is sent after its note', async () => {
    const page = await open('/fields/hill-2', {}, { worksOffline: true })
    await add(page).tap()
    await shellIsKept(page)
    await dashboard.phone.context.setOffline(true)
    await takePhoto(page)
    await sheet(page).getByRole('img', { name: 'Photo' }).waitFor()
    await sheet(page).getByRole('button', { name: 'Save note' }).tap()
    await sheet(page).waitFor({ state: 'detached' })
    await add(page).tap()
    await sheet(page).getByText('on this phone, not sent yet').waitFor()
    await page.reload()
    await sheet(page).getByText('on this phone, not sent yet').waitFor()
    await dashboard.phone.context.setOffline(false)
    await sheet(page).getByText('on this phone, not sent yet').waitFor({ state: 'detached' })
    const [note, photo] = dashboard.fixture.received
    expect(note).toMatchObject({ route: 'POST /api/fields/hill-2/notes', body: { text: 'Photo' } })
    const { idem } = note!.body as { idem: string }
    expect(photo).toMatchObject({
      route: `POST /api/notes/${idem}/photos`,
      body: { thumbnail: expect.any(String) as string, takenMs: expect.any(Number) as number },
    })
  })

  it('a photo is removed again before the note is saved, and is not sent', async () => {
    const page = await open('/fields/hill-2#add/hill-2')
    await takePhoto(page)
    await sheet(page).getByRole('img', { name: 'Photo' }).waitFor()
    await sheet(page).getByRole('button', { name: 'Remove the photo' }).tap()
    await sheet(page).getByRole('img', { name: 'Photo' }).waitFor({ state: 'detached' })
    // nothing is left to save until there is a text
    await sheet(page).getByRole('button', { name: 'Save note', disabled: true }).waitFor()
    await text(page).fill('Yellow leaves')
    await sheet(page).getByRole('button', { name: 'Save note' }).tap()
    await sheet(page).waitFor({ state: 'detached' })
    await expect
      .poll(() => dashboard.fixture.received.map(({ route }) => route))
      .toEqual(['POST /api/fields/hill-2/notes'])
  })

  it('a camera that is cancelled leaves the sheet open, and Escape closes it', async () => {
    const page = await open('/fields/hill-2#add/hill-2')
    await text(page).fill('Yellow leaves')
    // what a browser sends when its file picker or camera is closed without a picture
    await sheet(page).locator('input[type=file]').dispatchEvent('cancel', { bubbles: true })
    expect(page.url()).toContain('#add/hill-2')
    expect(await text(page).inputValue()).toBe('Yellow leaves')
    await page.keyboard.press('Escape')
    await sheet(page).waitFor({ state: 'detached' })
  })

  it('counts, sprays, work, irrigation by hand and loads are one tap further', async () => {
    const page = await open('/fields/hill-2')
    await add(page).tap()
    const choose = (name: string) => sheet(page).getByRole('button', { name, exact: true }).tap()
    await choose('Count')
    await sheet(page)
      .getByRole('button', { name: /^Count this trap/ })
      .waitFor()
    await choose('Work')
    await sheet(page).getByLabel('Material').waitFor()
    await choose('Water')
    await sheet(page).getByLabel('Start time').waitFor()
    await choose('Spray')
    await sheet(page).getByRole('button', { name: 'Codling moth' }).tap()
    await page.getByRole('dialog').getByRole('button', { name: 'Save record' }).waitFor()
    // one step back is the choice again
    await page.goBack()
    await sheet(page).getByRole('button', { name: 'Codling moth' }).waitFor()
    await page.goto(`${dashboard.fixture.url}/fields/paddy-7#add/paddy-7/load`)
    await page.getByRole('dialog', { name: 'Paddy 7: add' }).getByLabel('Weight, kg').waitFor()
  })

  it('half-typed work and irrigation by hand survive a reload, and a saved entry leaves no draft', async () => {
    const page = await open('/fields/hill-2#add/hill-2/work')
    await sheet(page).getByLabel('Type').selectOption('organic')
    await sheet(page).getByLabel('Material').fill('Compost')
    await sheet(page).getByLabel('Amount').fill('800')
    await sheet(page).getByLabel('Note').fill('wet soil')
    await page.reload()
    await expect.poll(() => sheet(page).getByLabel('Material').inputValue()).toBe('Compost')
    expect(await sheet(page).getByLabel('Type').inputValue()).toBe('organic')
    expect(await sheet(page).getByLabel('Amount').inputValue()).toBe('800')
    expect(await sheet(page).getByLabel('Note').inputValue()).toBe('wet soil')
    await sheet(page).getByRole('button', { name: 'Save', exact: true }).tap()
    await expect.poll(() => dashboard.fixture.received.length).toBe(1)
    expect(dashboard.fixture.received[0]).toMatchObject({
      body: { kind: 'organic', material: { name: 'Compost' }, amount: { value: 800 }, note: 'wet soil' },
    })
    await page.reload()
    await sheet(page).getByLabel('Material').waitFor()
    expect(await sheet(page).getByLabel('Material').inputValue()).toBe('')

    await sheet(page).getByRole('button', { name: 'Water', exact: true }).tap()
    await sheet(page).getByLabel('Start time').fill('2026-07-23T19:00')
    await sheet(page).getByLabel('Unit').selectOption('min')
    await sheet(page).getByLabel('Amount').fill('45')
    await sheet(page).getByLabel('Unit').focus()
    await page.reload()
    await expect.poll(() => sheet(page).getByLabel('Amount').inputValue()).toBe('45')
    expect(await sheet(page).getByLabel('Unit').inputValue()).toBe('min')
    expect(await sheet(page).getByLabel('Start time').inputValue()).toBe('2026-07-23T19:00')
  })

  it('a number outside its range is refused with the range', async () => {
    const page = await open('/fields/paddy-7#add/paddy-7/load')
    const moisture = page.getByRole('dialog').getByLabel('Moisture, %')
    const refusal = () => moisture.evaluate((input: HTMLInputElement) => input.validationMessage)
    await moisture.fill('95')
    await moisture.press('Tab')
    expect(await refusal()).toBe('Enter a number from 0 to 60.')
    await moisture.fill('22.5')
    await moisture.press('Tab')
    expect(await refusal()).toBe('')
  })

  it('covers no other button at the end of a tab, and is not offered to a viewer', async () => {
    const page = await open('/fields/hill-2?tab=log', { running: true })
    await page.locator('#log-title').waitFor()
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
    const buttonTop = (await add(page).boundingBox())!.y
    const last = (await page.locator('#panel-log > :last-child').boundingBox())!
    expect(last.y + last.height).toBeLessThanOrEqual(buttonTop)
    const other = await open('/fields/hill-2', { role: 'viewer' })
    await other.locator('[role=slider]').first().waitFor()
    expect(await add(other).count()).toBe(0)
  })
})
