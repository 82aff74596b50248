/** Claim codes over HTTP: who makes them, what a device gets for one, and what anybody else gets. */
import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { isSecret } from '../../../../broker/access/authenticate.ts'
import { newClaimCode } from '../../../../broker/contract/claim-code.ts'
import { claimLabel } from '../../../../broker/contract/claim-label.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { standardHttpLimits } from '../../../../services/api/http/limits.ts'
import type { DeviceView } from '../../../../services/api/devices/device-schemas.ts'
import { drawQr, type DrawnPicture } from '../../../support/draw-qr.ts'
import { plantFarm } from '../rows.ts'
import { startTestApi, type Answer, type TestApi } from '../test-api.ts'

let tilth: TestApi
let admin: string

beforeAll(async () => {
  tilth = await startTestApi({
    limits: { ...standardHttpLimits, claim: 1_000 },
    mqttEndpoints: (isLocal) => ({ port: isLocal ? 1883 : null, tlsPort: 8883, webSocketPath: null }),
  })
  await plantFarm(tilth.state, 'midori')
  await plantFarm(tilth.state, 'akane')
  admin = await tilth.signUp('midori', 'admin')
})
afterAll(() => tilth.stop())

let count = 0
const probe = () => ({ id: `claimed-${++count}`, name: 'Probe', kind: 'probe', fieldId: 'midori-field' })
const add = (form: object) => tilth.call(admin, 'POST', '/api/claim-codes', form)
async function codeFor(form: object = probe()): Promise<{ id: string; code: string }> {
  const answer = await add(form)
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}
const claim = (code: string, nonce?: string) =>
  tilth.call(null, 'POST', '/api/claim', { code, ...(nonce === undefined ? {} : { nonce }) })
const row = (id: string) =>
  tilth.state.selectFrom('device').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const view = async (id: string): Promise<DeviceView> =>
  (await tilth.call(admin, 'GET', '/api/devices')).body.find((each: DeviceView) => each.id === id)
const actions = async (subject: string) =>
  (
    await tilth.state
      .selectFrom('audit')
      .select(['action', 'actor'])
      .where('subject', '=', subject)
      .orderBy('n')
      .execute()
  ).map(({ action, actor }) => `${action} ${actor.startsWith('device:') ? actor : 'person'}`)

describe('a device that is added with a claim code', () => {
  it('has no secret until it claims one; from then on that one is valid, and nothing is stored in plain text (B2)', async () => {
    const { id, code } = await codeFor()
    expect(isSecret('unclaimed', [(await row(id)).secretHash], 'pepper')).toBe(false)
    expect(isSecret('', [(await row(id)).secretHash], 'pepper')).toBe(false)
    expect((await view(id)).claimableUntilMs).toBe(tilth.clock.now() + 24 * HOUR_MS)

    const { status, body, headers } = await claim(code)
    expect(status).toBe(200)
    expect(headers['cache-control']).toBe('no-store')
    expect(body).toEqual({
      id,
      org: 'midori',
      kind: 'probe',
      name: 'Probe',
      everyS: 1200,
      commandKey: null,
      valves: [],
      secret: expect.stringMatching(/^[\w-]{43}$/), // 256 bit
      mqtt: { port: 1883, tlsPort: 8883, webSocketPath: null },
    })
    expect(isSecret(body.secret, [(await row(id)).secretHash], 'pepper')).toBe(true)
    expect((await view(id)).claimableUntilMs).toBe(null)
    const kept = JSON.stringify([
      await row(id),
      await tilth.state.selectFrom('claim').selectAll().execute(),
      await tilth.state.selectFrom('audit').selectAll().execute(),
      tilth.logged,
    ])
    expect(kept).not.toContain(body.secret)
    expect(kept).not.toContain(code)
    expect(await actions(id)).toEqual([
      'device.create person',
      'device.claim-code person',
      `device.claim device:${id}`,
    ])
  })

  it('as a controller gets a command key, and its zones their valve', async () => {
    await tilth.state.updateTable('zone').set({ controllerId: null, valve: null }).execute()
    const { id, code } = await codeFor({
      name: 'Valves',
      kind: 'controller',
      farmId: 'midori-farm',
      valves: { V7: 'midori-zone' },
    })
    expect(id).toMatch(/^controller-[0-9a-f]{8}$/)
    const zone = await tilth.state
      .selectFrom('zone')
      .selectAll()
      .where('id', '=', 'midori-zone')
      .executeTakeFirst()
    expect(zone).toMatchObject({ controllerId: id, valve: 'V7' })
    const { body } = await claim(code)
    expect(body).toMatchObject({ id, kind: 'controller', valves: ['V7'] })
    expect(body.commandKey).toMatch(/^[0-9a-f]{64}$/)
    expect((await row(id)).commandKey).toBe(body.commandKey)
  })

  it('is not added if one of its valves cannot be', async () => {
    const form = { id: 'half-added', name: 'Valves', kind: 'controller', farmId: 'midori-farm' }
    const others = await add({ ...form, valves: { V1: 'akane-zone' } })
    expect([others.status, others.body.error]).toEqual([404, 'NOT_FOUND'])
    const taken = await add({ ...form, valves: { V8: 'midori-zone' } })
    expect([taken.status, taken.body.message]).toEqual([
      409,
      expect.stringContaining('remove it there first'),
    ])
    const rows = await tilth.state.selectFrom('device').selectAll().where('id', '=', 'half-added').execute()
    expect(rows).toEqual([])
  })

  it('may be typed in lower case with spaces; a mistyped code is reported as mistyped', async () => {
    const { id, code } = await codeFor()
    const wrong = code.slice(0, -1) + (code.endsWith('0') ? '1' : '0')
    expect((await claim(wrong)).body).toMatchObject({
      error: 'BAD_REQUEST',
      message: expect.stringContaining('mistyped'),
    })
    expect((await claim(code.toLowerCase().replaceAll('-', ' '))).body.id).toBe(id)
  })
})

describe('an invalid code', () => {
  const told = ({ status, text, headers }: Answer) => ({
    status,
    text,
    // what differs with the time of day or the count of requests tells nothing of the code
    headers: Object.keys(headers).sort(),
  })

  it('gets the same refusal whether it is unknown, used, expired, replaced or of a revoked device (B2)', async () => {
    const used = await codeFor()
    await claim(used.code)
    const expired = await codeFor()
    const replaced = await codeFor()
    await tilth.call(admin, 'POST', `/api/devices/${replaced.id}/claim-code`)
    const revoked = await codeFor()
    await tilth.call(admin, 'POST', `/api/devices/${revoked.id}/revoke`)
    const early = [await claim(used.code), await claim(replaced.code), await claim(revoked.code)]
    await tilth.clock.advanceTo(tilth.clock.now() + 24 * HOUR_MS)
    const answers = [...early, await claim('6000-0000-0000-0000-000Z'), await claim(expired.code)]
    expect(answers[0]!.status).toBe(403)
    expect(answers.map(told)).toEqual(Array(5).fill(told(answers[0]!)))
    await vi.waitFor(async () => expect(await actions(expired.id)).toContain('device.claim-refused person'))
    expect((await row(revoked.id)).commandKey).toBe(null)
  })

  it('local port: returned only on this machine, not through a proxy that forwards 127.0.0.1', async () => {
    const ask = async (headers: Record<string, string>) => {
      const { code } = await codeFor()
      const answer = await tilth.api.inject({ method: 'POST', url: '/api/claim', headers, payload: { code } })
      return (answer.json() as { mqtt: { port: number | null } }).mqtt.port
    }
    expect([await ask({}), await ask({ 'x-forwarded-for': '127.0.0.1' })]).toEqual([1883, null])
  })

  it('that is refused is audited even if the client disconnects before the response', async () => {
    const { id, code } = await codeFor()
    await claim(code)
    const body = JSON.stringify({ code })
    const asked = request(`http://127.0.0.1:${tilth.api.port}/api/claim`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': body.length },
    })
    asked.on('error', () => {}) // hung up
    const gone = new Promise<void>((resolve) =>
      tilth.api.server.once('request', (_request, response) => response.once('close', resolve)),
    )
    tilth.api.server.once('request', (incoming) => incoming.once('end', () => asked.destroy()))
    asked.end(body)
    await gone
    await vi.waitFor(async () => expect(await actions(id)).toContain('device.claim-refused person'))
  })

  it('gets its response at a constant time: after at least 250 ms, far more than any look-up takes', async () => {
    const used = await codeFor()
    await claim(used.code)
    for (const code of [used.code, '6000-0000-0000-0000-000Z']) {
      const startMs = performance.now()
      await claim(code)
      // a lower bound: a busy machine makes it only longer
      expect(performance.now() - startMs).toBeGreaterThan(240)
    }
  })

  it('is single-use, also for two concurrent claims (B2)', async () => {
    const { code } = await codeFor()
    const answers = await Promise.all([claim(code), claim(code), claim(code)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403])
  })
})

describe('a device whose response was lost', () => {
  const nonce = 'a-text-of-the-device-1'

  it('repeats its claim with its nonce and gets new secrets; the lost ones are void', async () => {
    const { id, code } = await codeFor()
    const lost = (await claim(code, nonce)).body.secret
    const again = await claim(code, nonce)
    expect(again.status).toBe(200)
    const hashes = [(await row(id)).secretHash]
    expect([isSecret(lost, hashes, 'pepper'), isSecret(again.body.secret, hashes, 'pepper')]).toEqual([
      false,
      true,
    ])
    expect(tilth.changedDevices.filter((each) => each === id)).toHaveLength(2)
  })

  it('cannot be impersonated with the code alone, nor be claimed again ten minutes later (B2)', async () => {
    const { code } = await codeFor()
    await claim(code, nonce)
    expect((await claim(code, 'a-text-of-another-1')).status).toBe(403)
    expect((await claim(code)).status).toBe(403)
    await tilth.clock.advanceTo(tilth.clock.now() + 10 * MINUTE_MS)
    expect((await claim(code, nonce)).status).toBe(403)
  })
})

describe('a code printed on the device', () => {
  const ownCode = () => newClaimCode(randomBytes)
  const refusedAs = ({ status, body }: Answer) => [status, body.error, body.message]

  it('is valid like one that Tilth created, in any spelling, for a week', async () => {
    const code = ownCode()
    const { id } = await codeFor({ ...probe(), code: code.toLowerCase().replaceAll('-', ' ') })
    expect((await view(id)).claimableUntilMs).toBe(tilth.clock.now() + 7 * DAY_MS)
    // the device has asked all the while
    expect((await claim(code)).body).toMatchObject({ id, secret: expect.stringMatching(/^[\w-]{43}$/) })
    const kept = JSON.stringify([
      await tilth.state.selectFrom('claim').selectAll().execute(),
      await tilth.state.selectFrom('audit').selectAll().execute(),
      tilth.logged,
    ])
    expect(kept).not.toContain(code)
    expect(kept).not.toContain(code.replaceAll('-', ''))
  })

  it('with a wrong check symbol adds nothing', async () => {
    const form = probe()
    expect(refusedAs(await add({ ...form, code: 'K3QF-7M2P-XR4T-9WBA-CDF1' }))).toEqual([
      ...[400, 'BAD_REQUEST', expect.stringContaining('mistyped')],
    ])
    const rows = await tilth.state.selectFrom('device').selectAll().where('id', '=', form.id).execute()
    expect(rows).toEqual([])
  })

  it('is not accepted while a device waits with it or has claimed with it, in any organisation (B2)', async () => {
    const other = await tilth.signUp('akane', 'admin')
    const code = ownCode()
    const { id } = await codeFor({ ...probe(), code })
    const again = async () => [
      refusedAs(await add({ ...probe(), code })),
      refusedAs(await tilth.call(other, 'POST', '/api/claim-codes', { name: 'x', kind: 'probe', code })),
    ]
    const taken = [409, 'CONFLICT', expect.stringContaining('another device uses this code')]
    expect(await again()).toEqual([taken, taken])
    expect((await claim(code)).body.id).toBe(id)
    expect(await again()).toEqual([taken, taken])
  })

  it('is free again when its device was revoked, or did not start in time', async () => {
    const revoked = ownCode()
    const before = await codeFor({ ...probe(), code: revoked })
    await claim(revoked)
    await tilth.call(admin, 'POST', `/api/devices/${before.id}/revoke`)
    const after = await codeFor({ ...probe(), code: revoked })
    expect((await claim(revoked)).body.id).toBe(after.id)

    const late = ownCode()
    await codeFor({ ...probe(), code: late })
    await tilth.clock.advanceTo(tilth.clock.now() + 7 * DAY_MS)
    expect((await claim(late)).status).toBe(403)
    const anew = await codeFor({ ...probe(), code: late })
    expect((await claim(late)).body.id).toBe(anew.id)
  })

  it('of new hardware replaces a device: name and field stay, and the old secret is void when the new one claims', async () => {
    const { id, code } = await codeFor()
    const old = (await claim(code)).body.secret
    await tilth.clock.advanceTo(tilth.clock.now() + DAY_MS)
    const label = ownCode()
    expect(
      (await tilth.call(admin, 'POST', `/api/devices/${id}/claim-code`, { code: label })).body,
    ).toMatchObject({ id })
    expect(isSecret(old, [(await row(id)).secretHash], 'pepper')).toBe(true)
    expect(await view(id)).toMatchObject({ claimableUntilMs: expect.any(Number) })
    const { body } = await claim(label)
    expect(body).toMatchObject({ id, name: 'Probe' })
    const hashes = [(await row(id)).secretHash]
    expect([old, body.secret].map((secret) => isSecret(secret, hashes, 'pepper'))).toEqual([false, true])
    expect(await view(id)).toMatchObject({
      name: 'Probe',
      fieldId: 'midori-field',
      claimedMs: tilth.clock.now(),
      claimableUntilMs: null,
    })
    // the same thing once more, after its flash was wiped: the label is its own
    expect((await tilth.call(admin, 'POST', `/api/devices/${id}/claim-code`, { code: label })).status).toBe(
      200,
    )
    expect((await claim(label)).body.id).toBe(id)
  })
})

describe('a picture of a label', () => {
  const read = (picture: DrawnPicture) =>
    tilth.call(admin, 'POST', '/api/labels/read', {
      ...picture,
      grey: Buffer.from(picture.grey).toString('base64'),
    })

  it.each([0, 12, 90, 205])('is read, also turned by %i degrees', async (turnDeg) => {
    const code = newClaimCode(randomBytes)
    const { status, body, text } = await read(
      drawQr(claimLabel({ code, kind: 'controller', valves: ['V1', 'V2'] }), { turnDeg }),
    )
    expect(status, text).toBe(200)
    expect(body).toEqual({ code, kind: 'controller', valves: ['V1', 'V2'] })
    expect(JSON.stringify(tilth.logged)).not.toContain(code)
  })

  it.each([
    ['without a QR code', { width: 64, height: 64, grey: new Uint8Array(4_096).fill(200) }, 'move closer'],
    ['of another QR code', drawQr('https://example.org'), 'code: '],
    [
      'with a size other than declared',
      { width: 64, height: 65, grey: new Uint8Array(4_096) },
      'expected 4160',
    ],
  ])('%s gets the reason', async (_, picture, reason) => {
    const { status, body } = await read(picture)
    expect([status, body.error, body.message]).toEqual([
      ...[400, 'BAD_REQUEST', expect.stringContaining(reason)],
    ])
  })
})

describe('new hardware for a device', () => {
  it('claims with a new code; until then the old one works, from then on its secret is void', async () => {
    const { id, code } = await codeFor()
    const before = (await claim(code)).body.secret
    const { body } = await tilth.call(admin, 'POST', `/api/devices/${id}/claim-code`)
    expect(isSecret(before, [(await row(id)).secretHash], 'pepper')).toBe(true)
    const after = (await claim(body.code)).body.secret
    const { secretHash, previousSecretHash } = await row(id)
    expect(previousSecretHash).toBe(null)
    expect([before, after].map((secret) => isSecret(secret, [secretHash], 'pepper'))).toEqual([false, true])
  })

  it('is rejected for a revoked device; a device that never claimed has nothing to rotate', async () => {
    const { id } = await codeFor()
    expect((await tilth.call(admin, 'POST', `/api/devices/${id}/rotate`)).status).toBe(409)
    await tilth.call(admin, 'POST', `/api/devices/${id}/revoke`)
    expect((await tilth.call(admin, 'POST', `/api/devices/${id}/claim-code`)).status).toBe(409)
  })
})

it('repeated guesses are refused with a waiting time, whatever the code (B2)', async () => {
  const other = await startTestApi()
  try {
    const guess = () => other.call(null, 'POST', '/api/claim', { code: '6000-0000-0000-0000-000Z' })
    const tries = Array.from({ length: standardHttpLimits.claim }, guess)
    expect((await Promise.all(tries)).map(({ status }) => status)).toEqual(tries.map(() => 403))
    const { status, headers } = await guess()
    expect([status, Number(headers['retry-after'])]).toEqual([429, expect.any(Number)])
  } finally {
    await other.stop()
  }
})
