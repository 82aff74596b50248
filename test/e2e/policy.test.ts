/**
 * The built dashboard under the policy that the API really sends (B9), with farm names that contain markup and scripts
 * (B14): every screen and the documentation, in a real browser, with an empty console.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plantFarm } from '../services/api/rows.ts'
import { PASSWORD, startTestApi, type TestApi } from '../services/api/test-api.ts'
import { dashboardDir, hasBrowser, needs, openPhone, sharedBrowser, type Phone } from './browser.ts'

const HOSTILE = '<img src=x onerror="window.wasRun=1"></script><script>window.wasRun=1</script>{{7*7}}${7*7}'

describe.skipIf(!hasBrowser)(`the pages that are served, under their policy${needs}`, () => {
  let browser: Browser
  let tilth: TestApi
  let phone: Phone
  let url: string
  const errors: string[] = []

  beforeAll(async () => {
    tilth = await startTestApi({ dashboardDir })
    url = `http://127.0.0.1:${tilth.api.port}`
    await plantFarm(tilth.state, 'midori')
    await tilth.api.createUser({
      email: 'mori@midori.example',
      password: PASSWORD,
      name: HOSTILE,
      org: 'midori',
      orgName: HOSTILE,
      role: 'admin',
    })
    for (const table of ['farm', 'field', 'zone', 'pump', 'device'] as const)
      await tilth.state.updateTable(table).set({ name: HOSTILE }).execute()
    await tilth.state.updateTable('season').set({ variety: HOSTILE, yieldBasis: HOSTILE }).execute()
    browser = await sharedBrowser()
    phone = await openPhone(browser)
    phone.page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text())
    })
    await phone.page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
      })
    })
  }, 120_000)

  afterAll(async () => {
    await phone?.close()
    await tilth?.stop()
  })

  /** Waits until the page is loaded and drawn; the network is never idle, because the event stream is open. */
  const settle = (page: Page) =>
    page.waitForFunction(
      () =>
        document.readyState === 'complete' &&
        document.querySelector('[aria-busy="true"]') === null &&
        new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(true)))),
    )
  /** Messages of the browser since the last call. */
  const newMessages = () => [...errors.splice(0), ...phone.complaints.splice(0)]

  it('the first run and the sign-in (B9)', async () => {
    const { page } = phone
    await page.goto(`${url}/setup?token=used`)
    await settle(page)
    await page.goto(url)
    await page.getByLabel(/e-mail/i).fill('mori@midori.example')
    await page.getByLabel(/^password/i).fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByRole('list', { name: 'Fields' }).waitFor()
    await settle(page)
    expect(newMessages()).toEqual([])
  })

  it.each([
    '/',
    '/fields',
    '/fields/midori-field',
    '/fields/midori-paddy',
    '/water',
    '/pests',
    '/devices',
    '/more',
  ])('%s (B14)', async (path) => {
    const { page } = phone
    const response = await page.goto(url + path)
    const policy = response!.headers()['content-security-policy']!
    expect(policy).not.toMatch(/unsafe/)
    await page.getByText('<img src=x').first().waitFor()
    // every disclosure is opened
    for (const button of await page.locator('summary, button[aria-expanded="false"]').all())
      await button.click({ timeout: 1_000 }).catch(() => {})
    await settle(page)
    expect(newMessages()).toEqual([])
    expect(await page.evaluate(() => (window as { wasRun?: number }).wasRun)).toBeUndefined()
  })

  it('the documentation (B9)', async () => {
    const { page } = phone
    const response = await page.goto(`${url}/api/docs`)
    expect(response!.headers()['content-security-policy']).not.toMatch(/unsafe/)
    // content further down is drawn when it is scrolled into view
    const operation = page.locator('.opblock-summary').first()
    await operation.getByText(/^\/api\//).waitFor()
    await operation.click()
    await page.getByRole('button', { name: 'Try it out' }).first().waitFor()
    expect(newMessages()).toEqual([])
  })

  it('this test detects a script, a style or a picture from elsewhere (B9)', async () => {
    const { page } = phone
    await page.goto(url)
    await settle(page)
    await page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'window.wasRun = 1'
      document.body.append(script)
      document.body.insertAdjacentHTML(
        'beforeend',
        '<p style="color: red">x</p><img src="https://elsewhere.example/x">',
      )
    })
    await expect
      .poll(() => errors.filter((text) => text.startsWith('policy:')).map((text) => text.split(' ')[1]))
      .toEqual(expect.arrayContaining(['script-src-elem', 'style-src-attr', 'img-src']))
    expect(await page.evaluate(() => (window as { wasRun?: number }).wasRun)).toBeUndefined()
  })

  it('no page of another site can frame it (B9)', async () => {
    const page = await phone.context.newPage()
    await page.route('https://elsewhere.example/', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<iframe src="${url}/" name="inner"></iframe>` }),
    )
    await page.goto('https://elsewhere.example/').catch(() => {})
    await page.waitForLoadState('load')
    await expect.poll(() => page.frame('inner')!.url()).toBe('chrome-error://chromewebdata/')
    await page.close()
  })
})
