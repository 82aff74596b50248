/**
 * HTTPS=own in a Chromium that trusts the farm's authority and nothing else: an address of this machine on its network, with
 * everything that plain HTTP lacks there.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext, type CDPSession, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../broker/contract/time.ts'
import { isPrivateAddress, machineNames } from '../../services/https/machine-names.ts'
import { openOwnCertificate, type OwnCertificate } from '../../services/https/own-certificate.ts'
import { networkHost } from '../../services/runtime/network-host.ts'
import { plantFarm } from '../services/api/rows.ts'
import { PASSWORD, startTestApi, type TestApi } from '../services/api/test-api.ts'
import { newBrowser, openPostBox, type PostBox } from '../services/notifications/receivers.ts'
import { requireProgram } from '../support/require.ts'
import { dashboardDir, hasBrowser, launchOptions, needs } from './browser.ts'

const MAIL = 'mori@midori.example'
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const hasNetwork = Object.values(networkInterfaces())
  .flat()
  .some((card) => card && !card.internal && isPrivateAddress(card.address))

const describeWithCertutil = requireProgram('certutil', 'sudo apt-get install libnss3-tools')

describeWithCertutil(`HTTPS in a browser${needs}`, () => {
  const skip = !hasBrowser || !hasNetwork
  let dir: string
  let own: OwnCertificate
  let tilth: TestApi
  let context: BrowserContext
  let page: Page
  let plain: string
  let secure: string
  let box: PostBox

  beforeAll(async () => {
    if (skip) return
    dir = mkdtempSync(join(tmpdir(), 'tilth-https-'))
    const names = () => machineNames('::', ['tilth.local'])
    own = await openOwnCertificate({ dataDir: dir, names, clock: systemClock, log: silent })
    tilth = await startTestApi({
      host: '::',
      dashboardDir,
      https: { port: 0, certificates: { ...own, kind: 'own' } },
    })
    await plantFarm(tilth.state, 'midori')
    await tilth.api.createUser({
      email: MAIL,
      password: PASSWORD,
      name: 'Mori',
      org: 'midori',
      orgName: 'Midori',
      role: 'admin',
    })
    box = await openPostBox()
    const host = networkHost(names().addresses)!
    plain = `http://${host}:${tilth.api.port}`
    secure = `https://${host}:${tilth.api.https!.port}`
  })
  afterAll(async () => {
    await context?.close()
    await tilth?.stop()
    await own?.stop()
    await box?.close()
    if (dir) rmSync(dir, { recursive: true, force: true })
  })

  /** A browser with a profile of its own. Its list of authorities is the one of its home folder (NSS). */
  async function openProfile(name: string): Promise<void> {
    await context?.close()
    const options = launchOptions()
    context = await chromium.launchPersistentContext(join(dir, name), {
      ...options,
      env: { ...options.env, HOME: dir },
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      locale: 'en-GB',
    })
    page = context.pages()[0] ?? (await context.newPage())
    page.setDefaultTimeout(28_000)
  }
  const certutil = (...args: string[]): void => {
    const database = join(dir, '.pki/nssdb')
    mkdirSync(database, { recursive: true })
    execFileSync('certutil', ['-d', `sql:${database}`, ...args], { stdio: 'pipe' })
  }

  it.skipIf(skip)(
    'a browser that does not know the authority is led to /trust, which reports it',
    async () => {
      certutil('-N', '--empty-password')
      await openProfile('before')
      await page.goto(`${plain}/water`)
      expect(page.url()).toBe(`${plain}/trust?to=%2Fwater`)
      await page.getByText('This browser does not trust Tilth yet.').waitFor()
      await page.getByText(own.authority.fingerprint256).waitFor()
      await expect(page.goto(secure)).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/)
    },
  )

  it.skipIf(skip)(
    'with the authority installed, /trust goes on to HTTPS by itself, and Tilth signs in there',
    async () => {
      const path = join(dir, 'authority.pem')
      writeFileSync(
        path,
        await (await fetch(`http://localhost:${tilth.api.port}/api/trust/authority.pem`)).text(),
      )
      certutil('-A', '-n', 'tilth', '-t', 'C,,', '-i', path)
      await openProfile('after')
      await page.goto(`${plain}/water`)
      await page.waitForURL(`${secure}/water`)
      await page.getByLabel('E-mail').fill(MAIL)
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('button', { name: 'Approve' }).first().waitFor()
      expect(await page.evaluate(() => isSecureContext)).toBe(true)
      const [cookie] = (await context.cookies()).filter(({ name }) => name.includes('session_token'))
      expect(cookie).toMatchObject({ name: '__Host-tilth.session_token', secure: true, httpOnly: true })
    },
  )

  it.skipIf(skip)('can be installed: manifest and an active service worker', async () => {
    const state = await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state)
    expect(['activating', 'activated']).toContain(state)
    const cdp = await context.newCDPSession(page)
    const { errors, url } = await cdp.send('Page.getAppManifest')
    expect(errors).toEqual([])
    expect(url).toBe(`${secure}/manifest.webmanifest`)
    const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors')
    expect(installabilityErrors).toEqual([])
  })

  it.skipIf(skip)(
    'without a network it opens with the last state, and sends an approval when the network is back',
    async () => {
      await page.goto(`${secure}/water`)
      await page.getByRole('button', { name: 'Approve' }).first().waitFor()
      await context.setOffline(true)
      await page.reload()
      await page.getByText(/^No connection\. Data from/).waitFor()
      await page.getByRole('button', { name: 'Approve' }).first().click()
      const requests = () =>
        tilth.state
          .selectFrom('request')
          .select(['kind', 'runId', 'decidedOfflineAtMs'])
          .where('kind', '=', 'approve')
          .execute()
      await page
        .getByText(/on this phone, not sent yet|No response\./)
        .first()
        .waitFor()
      expect(await requests()).toEqual([])
      await context.setOffline(false)
      await expect
        .poll(requests, { timeout: 20_000 })
        .toEqual([{ kind: 'approve', runId: 'midori-run', decidedOfflineAtMs: expect.any(Number) as number }])
    },
  )

  it.skipIf(skip)('shows a notification that Tilth has pushed', async () => {
    await context.setOffline(false)
    await page.goto(secure)
    await context.grantPermissions(['notifications'], { origin: secure })
    const subscriber = newBrowser()
    // the push services of browsers are on the internet: the address is of a double, the browser's keys are ours
    const added = await page.evaluate(
      async (device) => {
        const response = await fetch('/api/notifications/devices', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(device),
        })
        const { id } = (await response.json()) as { id: string }
        const test = await fetch('/api/notifications/test', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ channel: 'push', deviceId: id }),
        })
        return { device: response.status, test: test.status, text: await test.text() }
      },
      { name: 'Linux, Chromium', url: `${box.url}/push`, key: subscriber.key, auth: subscriber.auth },
    )
    expect(added).toMatchObject({ device: 200, test: 200 })
    await expect.poll(() => box.posts.length).toBe(1)
    const message = subscriber.read(box.posts[0]!.body)

    const cdp = await context.newCDPSession(page)
    const registrationId = await registrationOf(cdp)
    const worker = context.serviceWorkers()[0]!
    const shown = () =>
      worker.evaluate(async () => {
        const { registration } = globalThis as unknown as {
          registration: { getNotifications(): Promise<{ title: string }[]> }
        }
        return (await registration.getNotifications()).map(({ title }) => title)
      })
    // the debugging interface sometimes loses a push while the worker starts
    await expect
      .poll(
        async () => {
          await cdp.send('ServiceWorker.deliverPushMessage', {
            origin: secure,
            registrationId,
            data: JSON.stringify(message),
          })
          return shown()
        },
        { interval: 1_000, timeout: 15_000 },
      )
      .toContain(message.title)
  })
})

function registrationOf(cdp: CDPSession): Promise<string> {
  const found = new Promise<string>((resolve) =>
    cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [first] }) => {
      if (first) resolve(first.registrationId)
    }),
  )
  void cdp.send('ServiceWorker.enable')
  return found
}
