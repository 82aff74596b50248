/** A new version of the page: it replaces the old one only when it is complete and the page is hidden. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { shellIsKept, useDashboard } from './dashboard.ts'

describe.skipIf(!hasBrowser)(`a new version of the page${needs}`, () => {
  const dashboard = useDashboard()
  let dir: string

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tilth-update-'))
    await cp(dashboard.dir, dir, { recursive: true })
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  /** Publishes another version of the page; its worker precaches `extraUrls` in addition. */
  async function publish(extraUrls: string[] = []): Promise<void> {
    const page = await readFile(join(dir, 'index.html'), 'utf8')
    await writeFile(
      join(dir, 'index.html'),
      page.replace('<head>', '<head><meta name="version" content="new" />'),
    )
    const worker = await readFile(join(dir, 'sw.js'), 'utf8')
    const entries = extraUrls.map((url) => `{url:"${url}",revision:null},`).join('')
    const changed = worker.replace(
      /\{url:"index\.html",revision:"\w+"\}/,
      `${entries}{url:"index.html",revision:"new"}`,
    )
    expect(changed).not.toBe(worker)
    await writeFile(join(dir, 'sw.js'), changed)
  }
  async function openOld(): Promise<Page> {
    const page = await dashboard.open('/', { dashboardDir: dir }, { worksOffline: true })
    await page.getByRole('heading', { name: /need attention/ }).waitFor()
    await shellIsKept(page)
    return page
  }
  /** Checks for a new version, and reports the final state of its worker. */
  const lookForUpdate = (page: Page): Promise<string> =>
    page.evaluate(async () => {
      const registration = (await navigator.serviceWorker.getRegistration())!
      await registration.update().catch(() => {})
      const worker = registration.installing ?? registration.waiting
      while (worker?.state === 'installing')
        await new Promise((resolve) => worker.addEventListener('statechange', resolve, { once: true }))
      return worker?.state ?? 'none'
    })
  const isNew = (page: Page) => page.locator('meta[name=version][content=new]').count()
  /** Simulates leaving the page, and returning to it. */
  const turnAway = (page: Page, state: 'hidden' | 'visible') =>
    page.evaluate((now) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => now })
      document.dispatchEvent(new Event('visibilitychange'))
    }, state)

  it('waits while the page is visible, and is installed when it is not (U29)', async () => {
    const page = await openOld()
    await publish()
    expect(await lookForUpdate(page)).toBe('installed')
    await turnAway(page, 'visible')
    await page.reload()
    await page.getByRole('heading', { name: /need attention/ }).waitFor()
    expect(await isNew(page)).toBe(0)

    await turnAway(page, 'hidden')
    await expect.poll(() => isNew(page)).toBe(1)
  })

  it('that is incomplete is never installed: the old page keeps working, without signal too (U29)', async () => {
    const page = await openOld()
    await publish(['assets/lost.js'])
    expect(await lookForUpdate(page)).toBe('redundant')
    await turnAway(page, 'hidden')
    await dashboard.phone.context.setOffline(true)
    await page.reload()
    await page.getByRole('heading', { name: /need attention/ }).waitFor()
    expect(await isNew(page)).toBe(0)
  })
})
