/** Over plain HTTP from another machine the page names what is missing there, once, and leads to HTTPS. */
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { dashboardDir, hasBrowser, launchOptions, needs, openPhone, type Phone } from './browser.ts'
import { startFixture, type Fixture } from './fixture-server.ts'

describe.skipIf(!hasBrowser)(`plain HTTP${needs}`, () => {
  let browser: Browser
  let fixture: Fixture
  let phone: Phone

  beforeAll(async () => {
    const options = launchOptions()
    // a name that is not this machine's: the page is no secure context
    options.args = [...options.args, '--host-resolver-rules=MAP farm.example 127.0.0.1']
    browser = await chromium.launch(options)
  })
  afterAll(() => browser?.close())
  afterEach(async () => {
    const complaints = phone?.complaints
    await phone?.close()
    await fixture?.close()
    expect(complaints).toEqual([])
  })

  async function open(host: string, path = '/', language = 'en'): Promise<Page> {
    fixture = await startFixture({ dashboardDir })
    phone = await openPhone(browser, { worksOffline: true, language })
    await phone.page.goto(`${fixture.url.replace('127.0.0.1', host)}${path}`)
    return phone.page
  }
  const note = (page: Page) => page.getByText(/Opened over plain HTTP/)

  it('names what this browser does not do, and stays hidden once a person has hidden it', async () => {
    const page = await open('farm.example')
    await note(page).waitFor()
    expect(await note(page).innerText()).toMatch(/offline start.*notifications.*location.*camera/)
    await page.getByRole('button', { name: 'Hide', exact: true }).tap()
    await expect.poll(() => note(page).count()).toBe(0)
    await page.reload()
    await page.locator('ul.fields li').first().waitFor()
    expect(await note(page).count()).toBe(0)
  })

  it('leads to a page that states what the administrator does', async () => {
    const page = await open('farm.example')
    await page.getByRole('link', { name: 'What to do' }).tap()
    await page.getByText(/HTTPS=own/).waitFor()
    await page.getByRole('link', { name: 'Back to Tilth' }).tap()
    await page.locator('ul.fields li').first().waitFor()
  })

  it('is not mentioned on this machine, where the page is secure', async () => {
    const page = await open('127.0.0.1')
    await page.locator('ul.fields li').first().waitFor()
    expect(await note(page).count()).toBe(0)
  })
})
