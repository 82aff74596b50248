/** Field work and harvest loads entered in the field, with and without signal. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { addDays, HOUR_MS } from '../../broker/contract/time.ts'
import { hasBrowser, needs } from './browser.ts'
import { shellIsKept, useDashboard } from './dashboard.ts'
import { at, DAY, MORNING_MS } from './fixture-day.ts'

describe.skipIf(!hasBrowser)(`field work and loads${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })
  const receivedBodies = (route: RegExp) =>
    dashboard.fixture.received
      .filter((item) => route.test(item.route))
      .map(({ body }) => body as Record<string, unknown>)
  const card = (page: Page) => page.locator('#card-work')
  const unfold = (page: Page, name: string) => page.locator('summary', { hasText: name }).click()

  it('of three fields is one entry, shows the share of each, and is confirmed by one tap', async () => {
    const page = await dashboard.open('/fields/hill-2?tab=work')
    await unfold(page, 'Record work')
    const workCard = card(page)
    await workCard.getByLabel('Type').selectOption('fertiliser')
    await workCard.getByLabel(/^Add more fields/).fill('１、river bend')
    await workCard.getByText(/^Hill 2 [\d.]+\sha, Hill 1 [\d.]+\sha, River bend [\d.]+\sha$/).waitFor()
    await workCard.getByLabel('Material').fill('Urea')
    await workCard.getByLabel('Amount').fill('５')
    await workCard.getByLabel('N %', { exact: true }).fill('46')
    await workCard.getByRole('button', { name: 'Save' }).click()
    await workCard.getByRole('button', { name: 'Confirm the records of 3 fields' }).click()
    await workCard
      .getByRole('button', { name: 'Confirm the records of 3 fields' })
      .waitFor({ state: 'detached' })
    expect(receivedBodies(/field-work$/)).toMatchObject([
      {
        kind: 'fertiliser',
        operator: expect.any(String) as string,
        fields: [{ fieldId: 'hill-2' }, { fieldId: 'hill-1' }, { fieldId: 'river-bend' }],
        material: { name: 'Urea', nPct: 46, p2o5Pct: null, k2oPct: null },
        amount: { value: 5, unit: 'kg/ha', bagKg: null },
      },
    ])
  })

  it('of rice is transplanting by its name in the form, the records and the crop of a paddy, of other crops planting', async () => {
    const page = await dashboard.open('/fields/hill-2?tab=work', {}, { language: 'ja' })
    const kinds = card(page).getByLabel('種類')
    await unfold(page, '作業を入力する')
    expect(await kinds.locator('[value=planting]').textContent()).toBe('植付け')
    await page.goto(`${dashboard.fixture.url}/fields/paddy-7?tab=work`)
    await unfold(page, '作業を入力する')
    expect(await kinds.locator('[value=planting]').textContent()).toBe('田植え')
    expect(await kinds.locator('option', { hasText: '田植え' }).count()).toBe(1)
    await kinds.selectOption('planting')
    await card(page).getByRole('button', { name: '保存' }).click()
    await card(page).getByRole('listitem').filter({ hasText: '田植え' }).first().waitFor()
    expect(receivedBodies(/field-work$/)).toMatchObject([{ kind: 'planting' }])
    await page.goto(`${dashboard.fixture.url}/fields/paddy-7#add-season/paddy-7`)
    await page.getByRole('dialog').getByLabel('田植え日').waitFor()
    await page.getByRole('dialog').getByLabel('作物', { exact: true }).selectOption('soybean')
    await page.getByRole('dialog').getByLabel('は種・定植日').waitFor()
  })

  it('has its photos: one is added with signal, enlarged, and voided with a reason', async () => {
    const page = await dashboard.open('/fields/hill-2?tab=work', {}, { worksOffline: true })
    const workCard = card(page)
    const photos = workCard.getByRole('listitem').filter({ hasText: 'Weeding' })
    const jpeg = await page.evaluate(() => {
      const canvas = document.createElement('canvas')
      canvas.width = 1_600
      canvas.height = 900
      return canvas.toDataURL('image/jpeg').split(',')[1]!
    })
    await photos
      .locator('input[type=file]')
      .setInputFiles({ name: 'row.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(jpeg, 'base64') })
    await photos.getByRole('button', { name: /^Photo taken/ }).click()
    await photos.locator('.large').waitFor()
    expect(receivedBodies(/photos$/)).toMatchObject([{ takenMs: expect.any(Number) as number }])
    await photos.getByRole('button', { name: 'Void entry' }).first().click()
    await photos.getByLabel(/^Reason/).fill('another field')
    await photos.getByRole('button', { name: 'Void entry' }).first().click()
    await photos.getByText('Voided: another field').waitFor()
    await dashboard.phone.context.setOffline(true)
    await photos.getByText('A photo needs a connection').waitFor()
  })

  it('a draft within the pre-harvest interval is marked, and its hours and operator are changed in two taps', async () => {
    const page = await dashboard.open('/fields/north-3?tab=pests')
    const spray = page.locator('#card-treat')
    await spray.getByText(/^21-day pre-harvest interval: no harvest before/).waitFor()
    await spray.getByRole('button', { name: 'Edit' }).click()
    const sheet = page.getByRole('dialog')
    await sheet.getByLabel('From').fill('05:30')
    await sheet.getByLabel('Until').fill('07:00')
    await sheet.getByLabel('Operator').fill('Tanaka')
    await sheet.getByRole('button', { name: 'Next' }).click()
    await sheet.getByRole('button', { name: 'Confirm spray' }).waitFor()
    expect(dashboard.fixture.received.find(({ route }) => route.startsWith('PATCH'))?.body).toMatchObject({
      productId: 'product-1',
      operator: 'Tanaka',
      dilution: 2000,
      volumeL10a: 400,
      fromMs: at(5.5),
      toMs: at(7),
    })
    // a checked plan may be changed again, and stays the same draft
    await sheet.getByRole('button', { name: 'Edit' }).click()
    await sheet.getByRole('button', { name: 'Next' }).waitFor()
  })

  it('with an unknown field reports it and is not stored', async () => {
    const page = await dashboard.open('/fields/hill-2?tab=work')
    await unfold(page, 'Record work')
    const workCard = card(page)
    await workCard.getByLabel(/^Add more fields/).fill('1, 99')
    await workCard.getByText('No field here is called “99”.').waitFor()
    await workCard.getByRole('button', { name: 'Save' }).press('Enter')
    expect(receivedBodies(/field-work$/)).toEqual([])
  })

  it('without a network survives a reload, is marked with a clock, and is sent once when the network is back', async () => {
    const page = await dashboard.open('/fields/paddy-7?tab=work', {}, { worksOffline: true })
    await card(page).waitFor()
    await shellIsKept(page)
    await dashboard.phone.context.setOffline(true)
    await unfold(page, 'Record work')
    await card(page).getByLabel('Type').selectOption('puddling')
    await card(page).getByRole('button', { name: 'Save' }).click()
    const queuedEntry = page.getByRole('listitem').filter({ hasText: 'on this phone, not sent yet' })
    await queuedEntry.getByText('Puddling').waitFor()
    await page.reload()
    await queuedEntry.getByText('Puddling').waitFor()
    expect(receivedBodies(/field-work$/)).toEqual([])
    await dashboard.phone.context.setOffline(false)
    await queuedEntry.waitFor({ state: 'detached' })
    await page.reload()
    await card(page).getByRole('listitem').filter({ hasText: 'Puddling' }).waitFor()
    expect(receivedBodies(/field-work$/)).toMatchObject([{ kind: 'puddling' }])
  })

  it('whose response was lost is sent again with the same key', async () => {
    const page = await dashboard.open('/fields/hill-2?tab=work', { sightings: 'lost' })
    await unfold(page, 'Record work')
    await card(page).getByRole('button', { name: 'Save' }).click()
    // the browser itself may retry, or the page after reconnecting
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await card(page)
      .getByRole('listitem')
      .filter({ hasText: 'Fertiliser' })
      .filter({ hasText: 'Draft' })
      .waitFor()
    expect(await page.getByText('on this phone, not sent yet').count()).toBe(0)
    const keys = receivedBodies(/field-work$/).map(({ idem }) => idem)
    expect(keys.length).toBeGreaterThan(1)
    expect(new Set(keys).size).toBe(1)
  })

  it('is voided with a reason, and stays readable', async () => {
    const page = await dashboard.open('/fields/hill-2?tab=work')
    const row = card(page).getByRole('listitem').filter({ hasText: 'Weeding' })
    await row.getByRole('button', { name: 'Void entry' }).click()
    await row.getByLabel(/^Reason/).fill('another field')
    await row.getByRole('button', { name: 'Void entry' }).click()
    await row.getByText('Voided: another field').waitFor()
  })

  it('a load is stored on a phone without signal and sent once, and an unknown interval is shown', async () => {
    const page = await dashboard.open('/fields/paddy-7?tab=work', {}, { worksOffline: true })
    const harvest = page.locator('#card-harvest')
    await harvest
      .getByText(/^Harvest date unknown/)
      .first()
      .waitFor()
    await shellIsKept(page)
    await dashboard.phone.context.setOffline(true)
    await unfold(page, 'Enter a load')
    await harvest.getByLabel('Weight, kg').fill('812')
    await harvest.getByLabel('Weight, kg').blur()
    await harvest.getByRole('button', { name: 'Save load' }).click()
    await page.getByText('Weighed 812 kg').waitFor()
    await page.reload()
    await page.getByText('Weighed 812 kg').waitFor()
    await dashboard.phone.context.setOffline(false)
    await page.getByText('Weighed 812 kg').waitFor({ state: 'detached' })
    expect(receivedBodies(/loads$/)).toMatchObject([{ grossKg: 812, idem: expect.any(String) as string }])
  })

  it('details are added to a spray record before it is confirmed, and it flags a doubtful station reading', async () => {
    const page = await dashboard.open('/fields/paddy-7?tab=pests')
    const treat = page.locator('#card-treat')
    await treat.getByText('unconfirmed figures').waitFor()
    await unfold(page, 'Add details')
    expect(await treat.getByLabel('Machine').inputValue()).toBe('Boom sprayer')
    await treat.getByLabel('Certificate no.').fill(' PA-17 ')
    await treat.getByRole('button', { name: 'Save' }).click()
    await treat.getByRole('button', { name: 'Confirm the record' }).click()
    await expect.poll(() => receivedBodies(/treatments\/treatment-3\/record$/).length).toBe(1)
    expect(receivedBodies(/treatments\/treatment-3\/done$/)).toMatchObject([
      ...[{ operatorCertificate: 'PA-17', equipment: 'Boom sprayer', method: null, unit: 'kg/10a' }],
    ])
  })

  it('a field is added to a draft and removed again, and the other values stay', async () => {
    const page = await dashboard.open('/fields/north-3#treat/north-3/codling-moth/treatment-4')
    const sheet = page.locator('dialog')
    const check = async () => {
      await sheet.getByRole('button', { name: 'Next' }).click()
      await sheet.getByRole('button', { name: 'Edit' }).waitFor()
    }
    const patches = () => receivedBodies(/PATCH .*treatments\/treatment-4$/)
    const also = sheet.getByLabel(/^Add more fields/)
    await also.waitFor()
    await check()
    expect(patches().at(-1)).not.toHaveProperty('alsoIn')
    await sheet.getByRole('button', { name: 'Edit' }).click()
    await also.fill('4')
    await sheet.getByText(/^North 3 .*Paddy 4 /).waitFor()
    await check()
    expect(patches().at(-1)).toMatchObject({
      alsoIn: [{ fieldId: 'paddy-4' }],
      reason: expect.any(String) as string,
    })
    await sheet.getByRole('button', { name: 'Edit' }).click()
    expect(await also.inputValue()).toBe('Paddy 4')
    await also.fill('')
    await check()
    expect(patches().at(-1)).toMatchObject({ alsoIn: [] })
  })

  it('a past spray is recorded without signal, of weeds too, and sent when the network is back', async () => {
    const page = await dashboard.open('/fields/hill-2?tab=pests', {}, { worksOffline: true })
    const treat = page.locator('#card-treat')
    const weeds = treat.getByRole('listitem').filter({ hasText: 'weeds / sedges' })
    await treat.locator('summary', { hasText: 'Products for this crop' }).click()
    await weeds.waitFor()
    await shellIsKept(page)
    // the data of the sheet is cached after it was opened once
    await weeds.getByRole('button', { name: 'Record a spray' }).click()
    const sheet = page.locator('dialog')
    await sheet.getByRole('button', { name: 'Save record' }).waitFor()
    await page.goBack()
    await dashboard.phone.context.setOffline(true)
    await weeds.getByRole('button', { name: 'Record a spray' }).click()
    await sheet.getByRole('heading', { name: 'Record a spray: weeds / sedges' }).waitFor()
    await sheet.getByLabel(/^Add more fields/).fill('1')
    await sheet.getByText(/^Hill 2 .*Hill 1 /).waitFor()
    await sheet.getByLabel('Day').fill(addDays(DAY, 1))
    await sheet.getByText('This is in the future').waitFor()
    await sheet.getByLabel('Day').fill(addDays(DAY, -1))
    await sheet.getByRole('button', { name: 'Save record' }).click()
    await sheet.waitFor({ state: 'detached' })
    const queuedSpray = page.getByRole('listitem').filter({ hasText: 'on this phone, not sent yet' })
    await queuedSpray.getByText('Record a spray: weeds / sedges').waitFor()
    expect(receivedBodies(/treatments/)).toEqual([])
    await dashboard.phone.context.setOffline(false)
    await queuedSpray.waitFor({ state: 'detached' })
    const [sprayBody] = receivedBodies(/treatments\/past$/)
    expect(sprayBody).toMatchObject({
      fieldId: 'hill-2',
      target: 'weeds / sedges',
      alsoIn: [{ fieldId: 'hill-1' }],
      idem: expect.any(String) as string,
      operator: 'Haruko Sato',
    })
    const span = sprayBody as { fromMs: number; toMs: number }
    expect(span.toMs - span.fromMs).toBe(2 * HOUR_MS)
    expect(span.toMs).toBeLessThan(MORNING_MS)
  })

  it('a spray of two fields is planned in one step, and the third value of the dose follows from two', async () => {
    const page = await dashboard.open('/fields/hill-2#treat/hill-2/codling-moth')
    const sheet = page.locator('dialog')
    await sheet.getByLabel(/^Add more fields/).fill('1')
    await sheet.getByText(/^Hill 2 .*Hill 1 /).waitFor()
    const dilution = sheet.getByLabel('Dilution factor')
    await dilution.fill('1000')
    await dilution.blur()
    // a 2000-fold dilution in 400 L is 0.2 kg
    await expect.poll(() => sheet.getByLabel(/^Product per 10 a/).inputValue()).toBe('0.4')
    await sheet.getByRole('button', { name: 'Next' }).click()
    await sheet.getByRole('button', { name: 'Confirm spray' }).waitFor()
    expect(receivedBodies(/treatments$/)).toMatchObject([
      { dilution: 1000, volumeL10a: 400, alsoIn: [{ fieldId: 'hill-1' }] },
    ])
  })
})
