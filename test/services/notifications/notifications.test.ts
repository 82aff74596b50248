/** Alerts that reach people: a real mail server, real posts and pushes, on a clock that the test moves. */
import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../broker/contract/time.ts'
import { toJson, defaultNotificationPreference, type AlertRow } from '../../../services/tables.ts'
import { NOW_MS, plantFarm } from '../api/rows.ts'
import { startTestApi, type TestApi } from '../api/test-api.ts'
import { newBrowser, openMailBox, openPostBox, vapidOf, type MailBox, type PostBox } from './receivers.ts'

const FROM = 'Tilth <tilth@farm.example>'
const wish = {
  language: 'en',
  byMail: true,
  urgentPasses: true,
  digestMin: 360,
  modes: defaultNotificationPreference.modes,
  quietHours: defaultNotificationPreference.quietHours,
}

describe('notifications', () => {
  let tilth: TestApi
  let mailBox: MailBox
  let box: PostBox
  let sato: string
  beforeEach(async () => {
    mailBox = await openMailBox()
    box = await openPostBox()
    // 07:30 in Tokyo: the quiet hours are over
    const nowMs = NOW_MS + 2 * HOUR_MS
    tilth = await startTestApi({}, { mail: { url: mailBox.url, from: FROM }, nowMs, lookEveryMs: MINUTE_MS })
    tilth.clock.onSettle(() => tilth.noticed())
    await plantFarm(tilth.state, 'midori')
    await tilth.state.deleteFrom('alert').execute() // what the farm of the tests has open
    sato = await tilth.signUp('midori', 'admin', 'sato@midori.example')
  })
  afterEach(async () => {
    await tilth.stop()
    await mailBox.close()
    await box.close()
  })

  const pass = (ms: number) => tilth.clock.advanceTo(tilth.clock.now() + ms)
  const choose = (more: object = {}) => tilth.call(sato, 'POST', '/api/notifications', { ...wish, ...more })
  const look = async () => (await tilth.call(sato, 'GET', '/api/notifications')).body
  const raise = async (id: string, row: Partial<AlertRow> = {}) =>
    tilth.state
      .insertInto('alert')
      .values({
        id,
        org: 'midori',
        cause: 'valve-fault',
        severity: 'act',
        fieldId: 'midori-field',
        deviceId: 'midori-controller',
        params: toJson({ valve: 'V1' }),
        sinceMs: tilth.clock.now(),
        clearedMs: null,
        ...row,
      })
      .execute()
  const clear = (id: string) =>
    tilth.state.updateTable('alert').set({ clearedMs: tilth.clock.now() }).where('id', '=', id).execute()
  const states = async () =>
    (await tilth.state.selectFrom('notification').select('state').orderBy('createdMs').execute()).map(
      ({ state }) => state,
    )
  const subjects = () => mailBox.mails.map(({ text }) => /^Subject: (.*)$/m.exec(text)![1])

  it('nothing is sent to a person who has not turned notifications on', async () => {
    await raise('a1')
    await pass(DAY_MS)
    expect([mailBox.mails, box.posts, await states()]).toEqual([[], [], []])
  })

  it('a failed valve is mailed once, and stays active for days without another mail', async () => {
    await choose()
    await raise('a1')
    await pass(2 * MINUTE_MS)
    expect(mailBox.mails.map(({ to }) => to)).toEqual([['sato@midori.example']])
    expect(subjects()).toEqual(['A controller reports a fault: look at it'])
    expect(mailBox.mails[0]!.text).toContain('V1, midori North 3, since 07:30')
    await pass(3 * DAY_MS)
    expect(mailBox.mails.length).toBe(1)
    expect((await look()).mail).toEqual({ sentAtMs: expect.any(Number), failing: null })
  })

  it('in Japanese for a person who reads Japanese', async () => {
    await choose({ language: 'ja' })
    await raise('a1')
    await pass(2 * MINUTE_MS)
    const [, encoded] = /^Subject: (=\?UTF-8\?[\s\S]*?)\r\n(?! )/m.exec(mailBox.mails[0]!.text)!
    const subject = encoded!
      .split(/\s+/)
      .map((word) => /=\?UTF-8\?(.)\?(.*)\?=/.exec(word)!)
      .map(([, how, text]) =>
        how === 'B'
          ? Buffer.from(text!, 'base64').toString()
          : Buffer.from(
              text!
                .replace(/_/g, ' ')
                .replace(/=(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
              'latin1',
            ).toString(),
      )
      .join('')
    expect(subject).toBe('制御機に異常があります：現地を見てください')
  })

  it('in the night it waits for the morning, unless it is urgent; a cleared alert is not sent', async () => {
    await choose()
    await pass(15 * HOUR_MS) // 22:30
    await raise('silent', { cause: 'device-silent', params: toJson({}) })
    await raise('over', { cause: 'device-silent', deviceId: 'midori-probe', params: toJson({}) })
    await pass(HOUR_MS)
    expect(mailBox.mails).toEqual([])
    await raise('leak', { cause: 'flow-leak' })
    await pass(2 * MINUTE_MS)
    expect(subjects()).toEqual(['Water is leaking although every valve is closed'])
    await clear('over')
    await pass(7 * HOUR_MS) // 06:30
    expect(subjects()).toEqual(['Water is leaking although every valve is closed', 'A device is silent'])
    expect((await states()).sort()).toEqual(['sent', 'sent', 'withdrawn'])
  })

  it('alerts that are not urgent come once a day, together', async () => {
    await choose()
    for (const id of ['station', 'probe', 'controller'])
      await raise(id, {
        cause: 'battery-low',
        severity: 'soon',
        deviceId: `midori-${id}`,
        params: toJson({}),
      })
    await pass(HOUR_MS)
    expect(mailBox.mails).toEqual([])
    await pass(22 * HOUR_MS) // 06:30 of the next day
    expect(subjects()).toEqual(['3 alerts need attention'])
  })

  it('a cause that recurs within the hour is not sent again, and after it is', async () => {
    await choose()
    await raise('first')
    await pass(10 * MINUTE_MS)
    await clear('first')
    await pass(30 * MINUTE_MS)
    await raise('second')
    await pass(10 * MINUTE_MS)
    expect([mailBox.mails.length, await states()]).toEqual([1, ['sent', 'repeated']])
    await clear('second')
    await pass(61 * MINUTE_MS)
    await raise('third')
    await pass(10 * MINUTE_MS)
    expect(mailBox.mails.length).toBe(2)
    // another valve is another cause
    await raise('other', { params: toJson({ valve: 'V2' }) })
    await pass(10 * MINUTE_MS)
    expect(mailBox.mails.length).toBe(3)
  })

  it('is retried with longer pauses, given up after a day, and the page shows it', async () => {
    await choose({ quietHours: null })
    mailBox.refuse(true)
    await raise('a1')
    await pass(4 * MINUTE_MS)
    expect((await look()).mail.failing).toMatchObject({ problem: 'refused', dropped: 0 })
    const { attempts } = await tilth.state
      .selectFrom('notification')
      .select('attempts')
      .executeTakeFirstOrThrow()
    expect(attempts).toBeLessThanOrEqual(3)
    await pass(26 * HOUR_MS)
    expect(await states()).toEqual(['failed'])
    expect((await look()).mail.failing).toMatchObject({ problem: 'refused', dropped: 1 })
    mailBox.refuse(false)
    await raise('a2', { params: toJson({ valve: 'V2' }) })
    await pass(2 * MINUTE_MS)
    expect((await look()).mail.failing).toBeNull()
  })

  it('a restart loses nothing and sends nothing twice', async () => {
    await choose()
    await raise('told')
    await pass(2 * MINUTE_MS)
    mailBox.refuse(true)
    await raise('waits', { params: toJson({ valve: 'V2' }) })
    await pass(2 * MINUTE_MS)
    mailBox.refuse(false)
    await tilth.restartNotices()
    await pass(10 * MINUTE_MS)
    expect([mailBox.mails.length, await states()]).toEqual([2, ['sent', 'sent']])
  })

  it('a push is encrypted for one browser and signed by this server', async () => {
    const browser = newBrowser()
    const device = { name: 'Phone', url: `${box.url}/push/1`, key: browser.key, auth: browser.auth }
    expect((await tilth.call(sato, 'POST', '/api/notifications/devices', device)).status).toBe(200)
    await raise('a1')
    await pass(2 * MINUTE_MS)
    const [post] = box.posts
    expect([box.posts.length, post!.path, post!.headers.urgency]).toEqual([1, '/push/1', 'high'])
    expect(browser.read(post!.body)).toEqual({
      title: 'A controller reports a fault: look at it',
      path: '/?org=midori',
      tag: 'a1',
      language: 'en',
      body: expect.stringContaining('midori North 3'),
    })
    const { pushKey } = await look()
    expect(vapidOf(post!.headers)).toMatchObject({
      aud: box.url,
      sub: 'mailto:tilth@farm.example',
      key: pushKey,
    })
    expect(post!.body.toString('latin1')).not.toContain('midori')
  })

  it('a browser whose subscription was changed receives at the new one, and stays one device', async () => {
    const [before, after] = [newBrowser(), newBrowser()]
    const [old, next] = [`${box.url}/push/old`, `${box.url}/push/next`]
    const add = (url: string, { key, auth }: { key: string; auth: string }) =>
      tilth.call(sato, 'POST', '/api/notifications/devices', { name: 'Phone', url, key, auth })
    const { body: added } = await add(old, before)
    const renewal = { oldUrl: old, url: next, key: after.key, auth: after.auth }
    const mori = await tilth.signUp('midori', 'operator', 'mori@midori.example')
    expect((await tilth.call(mori, 'POST', '/api/notifications/devices/renew', renewal)).status).toBe(404)
    expect((await tilth.call(sato, 'POST', '/api/notifications/devices/renew', renewal)).status).toBe(200)
    await raise('a1')
    await pass(2 * MINUTE_MS)
    expect(box.posts.map(({ path }) => path)).toEqual(['/push/next'])
    expect(after.read(box.posts[0]!.body)).toMatchObject({ tag: 'a1' })
    // the page adds it once more, and the old address comes back for another browser
    expect((await add(next, after)).body.id).toBe(added.id)
    expect((await look()).devices).toHaveLength(1)
  })

  it('a browser that unsubscribed is deleted', async () => {
    const { key, auth } = newBrowser()
    await tilth.call(sato, 'POST', '/api/notifications/devices', { name: 'Phone', url: box.url, key, auth })
    box.answer(410)
    await raise('a1')
    await pass(3 * MINUTE_MS)
    expect([(await look()).devices, await states(), box.posts.length]).toEqual([[], ['withdrawn'], 1])
  })

  it('the webhook gets each alert as JSON, signed, by night as by day', async () => {
    const { body } = await tilth.call(sato, 'POST', '/api/notifications/webhook', {
      url: box.url,
      language: 'en',
    })
    await pass(15 * HOUR_MS)
    await raise('a1', { cause: 'battery-low', severity: 'soon' })
    await pass(2 * MINUTE_MS)
    const [post] = box.posts
    const said = JSON.parse(post!.body.toString()) as object
    expect(said).toMatchObject({
      v: 1,
      org: 'midori',
      isTest: false,
      title: 'A battery is low',
      alerts: [{ id: 'a1', cause: 'battery-low', severity: 'soon', params: { valve: 'V1' } }],
    })
    const [, seconds, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(
      String(post!.headers['tilth-signature']),
    )!
    expect(signature).toBe(
      createHmac('sha256', body.secret as string)
        .update(`${seconds}.${post!.body.toString()}`)
        .digest('hex'),
    )
  })

  it('the webhook receives the all-clear once, and the next alert however soon it comes', async () => {
    await tilth.call(sato, 'POST', '/api/notifications/webhook', { url: box.url, language: 'en' })
    const told = () =>
      box.posts.map(({ body }) => {
        const { isOver, title, alerts } = JSON.parse(body.toString()) as {
          isOver: boolean
          title: string
          alerts: { id: string; clearedMs: number | null }[]
        }
        return [isOver, title, ...alerts.map(({ id, clearedMs }) => `${id} ${clearedMs !== null}`)]
      })
    await raise('a1', { cause: 'battery-low', severity: 'soon' })
    await pass(2 * MINUTE_MS)
    await clear('a1')
    await pass(3 * MINUTE_MS)
    await raise('a2', { cause: 'battery-low', severity: 'soon' })
    await pass(2 * MINUTE_MS)
    expect(told()).toEqual([
      [false, 'A battery is low', 'a1 false'],
      [true, 'Resolved: A battery is low', 'a1 true'],
      [false, 'A battery is low', 'a2 false'],
    ])
  })

  it('for an alert that cleared before it was sent, the webhook receives neither', async () => {
    await tilth.call(sato, 'POST', '/api/notifications/webhook', { url: box.url, language: 'en' })
    box.answer(500)
    await raise('a1', { cause: 'battery-low', severity: 'soon' })
    await pass(MINUTE_MS)
    const tries = box.posts.length
    await clear('a1')
    box.answer(200)
    await pass(2 * HOUR_MS)
    expect(box.posts.length).toBe(tries)
  })

  it('a test is sent at once, and a failure is shown', async () => {
    await choose()
    const send = (channel: string, more = {}) =>
      tilth.call(sato, 'POST', '/api/notifications/test', { channel, ...more })
    expect((await send('mail')).body).toEqual({ problem: null })
    expect(subjects()).toEqual(['Tilth: a test'])
    mailBox.refuse(true)
    expect((await send('mail')).body).toEqual({ problem: 'refused' })
    expect((await send('push', { deviceId: 'nobody' })).status).toBe(404)
    expect((await send('webhook')).status).toBe(404)
  })

  it('a person who leaves the organisation receives nothing more, and their data is deleted', async () => {
    const mori = await tilth.signUp('midori', 'viewer', 'mori@midori.example')
    const { body } = await tilth.call(mori, 'GET', '/api/me')
    await tilth.call(mori, 'POST', '/api/notifications', wish)
    const { key, auth } = newBrowser()
    await tilth.call(mori, 'POST', '/api/notifications/devices', { name: 'Phone', url: box.url, key, auth })
    await raise('a1')
    await pass(2 * MINUTE_MS)
    expect([mailBox.mails.length, box.posts.length]).toEqual([1, 1])
    expect((await tilth.call(sato, 'DELETE', `/api/members/${body.user.id}`)).status).toBe(200)
    await raise('a2', { params: toJson({ valve: 'V2' }) })
    await pass(DAY_MS)
    expect([mailBox.mails.length, box.posts.length]).toEqual([1, 1])
    for (const table of ['notification', 'notificationPreference', 'pushDevice'] as const)
      expect([table, await tilth.state.selectFrom(table).selectAll().execute()]).toEqual([table, []])
  })

  it('erasing a farm deletes its notifications', async () => {
    await choose()
    await raise('a1')
    const params = toJson({ farm: 'midori Sato', farmId: 'midori-farm', tempC: 0, atMs: tilth.clock.now() })
    await raise('frost', { cause: 'frost-ahead', fieldId: null, deviceId: null, params })
    await pass(2 * MINUTE_MS)
    expect(await states()).toEqual(['sent', 'sent'])
    await tilth.call(sato, 'DELETE', '/api/farms/midori-farm', { name: 'midori Sato' })
    expect([await states(), await tilth.state.selectFrom('alert').select('id').execute()]).toEqual([[], []])
  })

  it('three hundred alerts at once are one mail', async () => {
    await choose()
    for (let i = 0; i < 300; i++) await raise(`a${i}`, { params: toJson({ valve: `V${i}` }) })
    await pass(2 * MINUTE_MS)
    expect(subjects()).toEqual(['300 alerts need attention'])
    expect(tilth.clock.now()).toBeGreaterThan(NOW_MS)
  })
})
