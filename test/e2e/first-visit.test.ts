/**
 * First visit of a page at the real server: its resources are named in the preload links and fetched once, in
 * parallel; a complete page sends no more requests.
 */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { internalTopic } from '../../broker/contract/topics.ts'
import { NOW_MS, plantFarm } from '../services/api/rows.ts'
import { PASSWORD, startTestApi, type TestApi } from '../services/api/test-api.ts'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'

// longer than the minimum gap between two fetches of one path (dashboard/src/api/cache.svelte.ts)
const REST_MS = 1_600

describe.skipIf(!hasBrowser)(`a first visit${needs}`, () => {
  const dashboard = useDashboard()
  let tilth: TestApi
  let url: string

  beforeAll(async () => {
    tilth = await startTestApi({ dashboardDir: dashboard.dir })
    url = `http://127.0.0.1:${tilth.api.port}`
    await plantFarm(tilth.state, 'midori')
    await tilth.api.createUser({
      email: 'mori@midori.example',
      password: PASSWORD,
      name: 'Mori',
      org: 'midori',
      orgName: 'Midori',
      role: 'admin',
    })
  })
  afterAll(() => tilth?.stop())

  const signIn = (context: BrowserContext) =>
    context.request.post(`${url}/api/auth/sign-in/email`, {
      headers: { origin: url },
      data: { email: 'mori@midori.example', password: PASSWORD },
    })

  /** A first visit of a phone, with or without a session cookie. */
  async function visit(path: string, isSignedIn: boolean) {
    const { page, context } = await dashboard.openPhone()
    if (isSignedIn) await signIn(context)
    const requests: string[] = []
    const messages: string[] = []
    page.on('request', (request) => requests.push(request.url().slice(url.length)))
    page.on('console', (message) => {
      // on a busy machine a preloaded resource is used later than the browser expects
      const isOfTime = /not used within a few seconds/.test(message.text())
      if (['error', 'warning'].includes(message.type()) && !isOfTime) messages.push(message.text())
    })
    const response = await page.goto(url + path)
    const links = [...(response!.headers().link ?? '').matchAll(/<([^>]+)>/g)].map(([, link]) => link!)
    await untilIdle(page, requests)
    await dashboard.close()
    return { asked: requests, said: messages, links }
  }

  /** Waits until no request was sent for a while; a page that never becomes idle runs into the test's timeout. */
  async function untilIdle(page: Page, requests: readonly string[]): Promise<void> {
    for (let previousCount = -1; previousCount !== requests.length;) {
      previousCount = requests.length
      await page.waitForTimeout(REST_MS)
    }
  }

  it.each([
    ...[
      '/',
      '/fields/midori-field',
      '/water',
      '/pests',
      '/devices',
      '/reports',
      '/people',
      '/audit',
      '/begin',
    ],
  ])(
    '%s: each preloaded file is used, each request is made once, and then the page is idle (U1)',
    async (path) => {
      const { asked: requests, said: messages, links } = await visit(path, true)
      expect(links).toEqual(expect.arrayContaining(['/api/session', '/api/today']))
      for (const link of links)
        expect([link, requests.filter((request) => request === link).length]).toEqual([link, 1])
      // no other path is requested twice: changes in the meantime arrive by the stream
      expect(requests.filter((request, i) => requests.indexOf(request) !== i)).toEqual([])
      expect(messages).toEqual([])
    },
  )

  it('a later visit from the server uses each preloaded file too, whatever the phone has cached', async () => {
    const { page, context } = await dashboard.openPhone()
    await signIn(context)
    const requests: string[] = []
    const messages: string[] = []
    page.on('request', (request) => requests.push(request.url().slice(url.length)))
    page.on('console', (message) => messages.push(message.text()))
    await page.goto(url)
    await untilIdle(page, requests)
    requests.length = 0
    await page.reload()
    await untilIdle(page, requests)
    expect(requests.filter((request) => request === '/api/today')).toHaveLength(1)
    expect(messages.filter((text) => /is found, but is not used/.test(text))).toEqual([])
    await dashboard.close()
  })

  it('a change between the first response and the open event stream is shown', async () => {
    const { page, context } = await dashboard.openPhone()
    await signIn(context)
    let letThrough = (): void => {}
    const gate = new Promise<void>((resolve) => (letThrough = resolve))
    await page.route('**/api/events', async (route) => {
      await gate
      await route.continue()
    })
    await page.goto(`${url}/fields`)
    await page.getByText('midori North 3').first().waitFor()
    await tilth.state.updateTable('field').set({ name: 'Renamed' }).where('id', '=', 'midori-field').execute()
    await tilth.bus.publish(
      internalTopic('midori', 'event'),
      JSON.stringify({ event: 'field', fields: ['midori-field'], atMs: NOW_MS }),
      { qos: 1, retain: false },
    )
    await tilth.bus.settled()
    letThrough()
    await page.getByText('Renamed').first().waitFor()
    await dashboard.close()
  })

  it.each(['/', '/setup?token=used', '/pests'])(
    '%s, signed out: nothing is refused, and no request follows the preloaded ones',
    async (path) => {
      const { asked: requests, said: messages, links } = await visit(path, false)
      expect(links).not.toContain('/api/today')
      expect(requests.filter((request) => /^\/(api|icon)/.test(request))).toEqual(
        links.filter((link) => link.startsWith('/api')),
      )
      expect(messages).toEqual([])
    },
  )

  it('names the texts in the language of the phone, and nothing for an invalid address', async () => {
    const linkOf = async (path: string, language: string): Promise<string> =>
      String(
        (await tilth.api.inject({ url: path, headers: { 'accept-language': language } })).headers.link ?? '',
      )
    expect(await linkOf('/more', 'ja-JP,ja;q=0.9,en;q=0.8')).toContain('</i18n/ja/account.json>; rel=preload')
    expect(await linkOf('/more', 'ja-JP')).not.toContain('/i18n/en/')
    expect(await linkOf('/more', 'de-AT,de')).toContain('/i18n/en/common.json')
    expect(await linkOf('/fields/a%3Eb', 'en')).toContain('/api/session')
    expect(await linkOf('/fields/a>;rel=x', 'en')).toBe('')
    expect(await linkOf('/nowhere', 'en')).toBe('')
  })
})
