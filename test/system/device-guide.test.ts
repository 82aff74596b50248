/** The device guide, line by line, with Debian's mosquitto clients against a whole Tilth. */
import { createHmac, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseClaimCode } from '../../broker/contract/claim-code.ts'
import { parseCommand } from '../../broker/contract/messages.ts'
import type { FieldDetail } from '../../services/api/screens/field-schemas.ts'
import { requireProgram } from '../support/require.ts'
import { eventually, run, setUpFarm, type Farm, type Ran } from './farm.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/device-guide.md'), 'utf8')
const session = /<!-- session: begin -->\s*```sh\n([\s\S]*?)```/.exec(guide)![1]!
const claimPart = /<!-- claim: begin -->([\s\S]*?)<!-- claim: end -->/.exec(guide)![1]!
const claimLine = /```sh\n([\s\S]*?)```/.exec(claimPart)![1]!
const claimAnswer = /```json\n([\s\S]*?)```/.exec(claimPart)![1]!
/** Each command with the comment above it. */
const steps = session
  .trim()
  .split(/\n\n/)
  .map((block) => ({
    says: block.split('\n')[0]!.replace(/^# /, ''),
    line: block
      .split('\n')
      .filter((row) => !row.startsWith('#'))
      .join('\n'),
  }))
const step = (phrase: string) => steps.find(({ says }) => says.includes(phrase))!

requireProgram('mosquitto_pub', 'apt-get install mosquitto-clients')('the device guide', () => {
  let farm: Farm
  let env: Record<string, string>
  const runStep = (phrase: string, changes: Record<string, string> = {}): Promise<Ran> =>
    run(step(phrase).line, { ...env, ...changes })

  beforeAll(async () => {
    farm = await setUpFarm()
    const { id, secret } = farm.controller
    env = { HOST: '127.0.0.1', PORT: String(farm.tilth.mqttPort), ORG: farm.org, ID: id, SECRET: secret }
  })
  afterAll(() => farm.stop())

  it('has a session of eight steps', () => expect(steps).toHaveLength(8))

  it('a reading that is published by hand is shown on the page of its field', async () => {
    expect(await runStep('I am here')).toMatchObject({ code: 0 })
    expect(await runStep('one measurement')).toMatchObject({ code: 0 })
    const sensor = await eventually(async () => {
      const detail = await farm.get<FieldDetail>(`/api/fields/${farm.fieldId}?range=24h`)
      return detail.sensors.find(({ quantity }) => quantity === 'soil.moisture')
    })
    expect(sensor).toMatchObject({ depthCm: 30, latest: { v: 21.4 } })
  })

  it('the same message again is stored once, and a null is a gap, not a zero', async () => {
    expect(await runStep('the same message again')).toMatchObject({ code: 0 })
    expect(await runStep('kept while there was no signal')).toMatchObject({ code: 0 })
    await farm.tilth.settled()
    const nowMs = farm.tilth.clock.now()
    const [moisture] = await farm.tilth.series.range({
      org: farm.org,
      quantity: 'soil.moisture',
      fromMs: nowMs - 3_600_000,
      toMs: nowMs + 3_600_000,
    })
    expect(moisture!.value).toEqual([21.4, null])
    expect(moisture!.flag[1]).toBe(9)
    expect(farm.tilth.ingest.counters().duplicates).toBe(1)
  })

  it('a controller that has published its state and heartbeat receives the command that a person gives', async () => {
    expect(await runStep("controller's hello")).toMatchObject({ code: 0 })
    expect(await runStep('its heartbeat')).toMatchObject({ code: 0 })
    const listening = runStep('a controller receives')
    await farm.post('/api/start', { idem: randomUUID(), zoneId: farm.zoneId, minutes: 10 })
    const received = await listening
    expect(received, received.err).toMatchObject({ code: 0 })
    const command = parseCommand(received.out.trim())
    expect(command).toMatchObject({
      ok: true,
      value: { op: 'open', valve: 'V1', seq: 1, durMs: 600_000, sess: 'b1.c1' },
    })
    // the code of the message, calculated as in the guide's table
    if (!command.ok || command.value.op !== 'open') throw new Error('an open was expected')
    const { id, valve, seq, durMs, litres, sess, n, expMonoMs, mac } = command.value
    const text = JSON.stringify(['open', id, valve, seq, durMs, litres ?? null, sess, n, expMonoMs])
    const key = Buffer.from(farm.controller.commandKey!, 'hex')
    expect(createHmac('sha256', key).update(text).digest('hex').slice(0, 32)).toBe(mac)
  })

  it("another device's topic is refused", async () => {
    expect((await runStep('not allowed')).code).not.toBe(0)
    await farm.tilth.settled()
    expect(farm.tilth.ingest.counters().records).toBe(3)
  })

  it('shows a valid claim code', () => {
    const [, code] = /^ +claim code +(\S+)/m.exec(guide)!
    expect(parseClaimCode(code!)).toEqual({ ok: true, value: code })
  })

  it('a device claims as in the guide, line by line, and connects with the credentials that it receives (B2)', async () => {
    const { code } = await farm.post<{ id: string; code: string }>('/api/claim-codes', {
      id: 'controller-5e0c91d2',
      kind: 'controller',
      name: 'North box',
      fieldId: farm.fieldId,
    })
    const claimEnv = { URL: farm.url, CODE: code, NONCE: '0123456789abcdef' }
    const result = await run(claimLine, claimEnv)
    const [documented, claimed] = [JSON.parse(claimAnswer), JSON.parse(result.out)] as Record<
      string,
      unknown
    >[]
    expect(Object.keys(claimed!)).toEqual(Object.keys(documented!))
    expect(Object.keys(claimed!.mqtt as object)).toEqual(Object.keys(documented!.mqtt as object))
    const { secret, commandKey, valves, mqtt, ...plain } = claimed!
    expect(plain).toEqual(
      Object.fromEntries(Object.entries(documented!).filter(([key]) => key in plain)), // id, org, kind, name, everyS
    )
    expect(valves).toEqual([]) // no zone uses it
    expect([secret, commandKey]).toEqual([
      expect.stringMatching(/^[\w-]{43}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ])
    expect(mqtt).toMatchObject({ port: farm.tilth.mqttPort })
    expect(await runStep('I am here', { ID: claimed!.id as string, SECRET: secret as string })).toMatchObject(
      {
        code: 0,
      },
    )

    // the table of responses
    const repeated = JSON.parse((await run(claimLine, claimEnv)).out) as { secret: string }
    expect(repeated.secret).not.toBe(secret)
    expect(
      (await runStep('I am here', { ID: claimed!.id as string, SECRET: secret as string })).code,
    ).not.toBe(0)
    for (const [changes, error] of [
      [{ NONCE: 'fedcba9876543210' }, 'FORBIDDEN'],
      [{ CODE: '6000-0000-0000-0000-000Z' }, 'FORBIDDEN'],
      [{ CODE: '6000-0000-0000-0000-0000' }, 'BAD_REQUEST'],
    ] as const)
      expect(JSON.parse((await run(claimLine, { ...claimEnv, ...changes })).out)).toMatchObject({ error })
  })

  it('wrong credentials of any kind are refused', async () => {
    for (const changes of [{ SECRET: 'guess' }, { SECRET: '' }, { ID: 'ctl-two' }]) {
      const { code, err } = await runStep('one measurement', changes)
      expect(code, err).not.toBe(0)
      expect(err).toMatch(/not authori[sz]ed|bad user name/i)
    }
  })

  it('messages of another organisation are not received', async () => {
    const { err, out } = await run(
      'mosquitto_sub -h "$HOST" -p "$PORT" -i "$ID" -u "$ID" -P "$SECRET" -C 1 -W 2 -t "tilth/v1/other-org/+/telemetry"',
      env,
    )
    expect(err).toMatch(/denied/)
    expect(out).toBe('')
  })
})
