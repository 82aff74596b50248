/**
 * A person who belongs to two farms, on a complete Tilth with a real browser: the link of a notification opens the
 * right one.
 */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Holding } from '../../services/api/farms/holding-schemas.ts'
import type { Membership } from '../../services/api/schemas.ts'
import { setUpFarm, type Farm } from '../system/farm.ts'
import { dashboardDir, hasBrowser, needs, openPhone, sharedBrowser, type Phone } from './browser.ts'

const EMAIL = 'sato@farm.example'
const PASSWORD = 'kome-to-mizu-2026'
const member = ['Code,Member,Field,Area (a),Crop,Planted', '0001,Aoki,Dam,12,rice,2026-05-18'].join('\n')

describe.skipIf(!hasBrowser)(`somebody of two farms${needs}`, () => {
  let browser: Browser
  let farm: Farm
  let phone: Phone
  let aoki: { org: string; fieldId: string }

  beforeAll(async () => {
    browser = await sharedBrowser()
    farm = await setUpFarm({}, { dashboardDir })
    // a member from a table; the same person gets access to its farm
    const base64 = Buffer.from(member).toString('base64')
    const { hash, leftOut } = await farm.post<{ hash: string; leftOut: number }>('/api/memberships/preview', {
      base64,
    })
    await farm.post('/api/memberships/import', { base64, hash, leaveOut: leftOut })
    const [membership] = await farm.get<Membership[]>('/api/memberships')
    const { code } = await farm.post<{ code: string }>(`/api/memberships/${membership!.id}/invite`, {})
    // from here on the session is in the other farm
    await farm.post('/api/me/join', { code })
    const { fields } = await farm.get<Holding>('/api/farms')
    aoki = { org: membership!.member.id, fieldId: fields[0]!.id }
    phone = await openPhone(browser)
    const { page } = phone
    await page.goto(farm.url)
    await page.getByLabel(/e-mail/i).fill(EMAIL)
    await page.getByLabel(/^password/i).fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Water', exact: true }).waitFor()
  }, 180_000)
  afterAll(async () => {
    await phone?.close()
    await farm?.stop()
  })

  const openLink = (path: string) => phone.page.goto(farm.url + path)
  const currentUrl = () => phone.page.evaluate(() => location.pathname + location.search + location.hash)
  beforeEach(async () => {
    await openLink(`/more?org=${farm.org}`)
    await phone.page.getByRole('button', { name: 'Test co-operative', pressed: true }).waitFor()
  })

  it('opens a field of the farm that the link names', async () => {
    await openLink(`/fields/${aoki.fieldId}?org=${aoki.org}`)
    await phone.page.getByRole('heading', { name: 'Dam' }).waitFor()
    expect(await currentUrl()).toBe(`/fields/${aoki.fieldId}`)
    await openLink(`/fields/${farm.fieldId}?org=${farm.org}#season`)
    await phone.page.getByRole('heading', { name: 'North 3' }).first().waitFor()
    expect(await currentUrl()).toBe(`/fields/${farm.fieldId}#season`)
  })

  it('stays where it is when the link names the farm that is open, or one of others', async () => {
    for (const org of [farm.org, 'somebody-elses']) {
      await openLink(`/fields/${farm.fieldId}?org=${org}`)
      await phone.page.getByRole('heading', { name: 'North 3' }).first().waitFor()
      await expect.poll(currentUrl).toBe(`/fields/${farm.fieldId}`)
    }
  })

  it('shows no other farm instead while the server is unreachable, and continues when it responds', async () => {
    const { page } = phone
    await page.route('**/api/auth/organization/set-active', (route) => route.abort())
    await openLink(`/fields/${aoki.fieldId}?org=${aoki.org}`)
    await page.getByText('This phone has no connection.').waitFor()
    expect(await page.getByRole('link').count()).toBe(0)
    await page.unroute('**/api/auth/organization/set-active')
    await page.getByRole('button', { name: 'Try again' }).tap()
    await page.getByRole('heading', { name: 'Dam' }).waitFor()
    expect(await currentUrl()).toBe(`/fields/${aoki.fieldId}`)
  })

  it('enters the other farm by hand as well', async () => {
    await phone.page.getByRole('button', { name: 'Aoki' }).tap()
    await phone.page.waitForURL((url) => url.pathname === '/')
    await openLink('/fields')
    await phone.page.getByRole('link', { name: /Dam/ }).waitFor()
  })
})
