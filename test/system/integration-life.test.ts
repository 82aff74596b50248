/**
 * An integration with another broker, from its first message to its end, in a complete Tilth at sixty times real speed:
 * the alert when that broker is away, another address while Tilth runs, a certificate that nobody has signed. And the
 * command line tool, which adds and revokes gateways of the same Tilth.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { standardTiming } from '../../broker/contract/command-lifecycle/timing.ts'
import { scaledClock } from '../../broker/contract/time.ts'
import { makeAuthority } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { startOpenMosquitto } from '../support/mosquitto.ts'
import { builtProgram } from '../support/program.ts'
import { findProgram, requireProgram } from '../support/require.ts'
import { eventually, setUpFarm, type Farm } from './farm.ts'

const SPEED = 60
const ADDRESS = 'z2m:bed probe'

requireProgram('mosquitto', 'apt-get install mosquitto')('an integration with another broker', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tilth-integration-'))
  const brokers: { url: string; stop(): Promise<void> }[] = []
  let tlsBroker: ChildProcess | null = null
  let farm: Farm
  let id: string
  beforeAll(async () => {
    brokers.push(await startOpenMosquitto(), await startOpenMosquitto())
    const clock = scaledClock(Date.UTC(2026, 6, 6, 1), SPEED)
    // alerts are looked at each minute of the farm
    farm = await setUpFarm({ DATA_DIR: dataDir }, { clock, speed: SPEED, timing: standardTiming })
    const integration = { name: 'Greenhouse', kind: 'zigbee2mqtt', url: brokers[0]!.url }
    id = (await farm.post<{ id: string }>('/api/integrations', integration)).id
  })
  afterAll(async () => {
    await farm.stop()
    for (const broker of brokers) await broker.stop()
    tlsBroker?.kill('SIGKILL')
    rmSync(dataDir, { recursive: true, force: true })
  })

  const view = async () => {
    const { integrations } = await farm.get<{
      integrations: { id: string; status: string; problem: string | null; messages: number }[]
    }>('/api/integrations')
    return integrations.find((integration) => integration.id === id)!
  }
  const alerts = async () => {
    const today = await farm.get<{ alerts: { cause: string; params: Record<string, unknown> }[] }>(
      '/api/today',
    )
    return today.alerts.filter(({ cause }) => cause === 'integration-down' || cause === 'device-silent')
  }
  async function publish(url: string, temperatureC: number): Promise<void> {
    const client = await mqtt.connectAsync(url)
    const message = JSON.stringify({
      soil_moisture: 30,
      temperature: temperatureC,
      battery: 80,
      linkquality: 90,
    })
    await client.publishAsync('zigbee2mqtt/bed probe', message, { qos: 1 })
    await client.endAsync()
  }
  const temperature = async () =>
    (await farm.tilth.series.latest({ org: farm.org })).find(
      ({ quantity }) => quantity === 'soil.temperature',
    )?.value

  it('that is lost raises one alert, which ends with the first connection to another address', async () => {
    await expect.poll(async () => (await view()).status).toBe('connected')
    await publish(brokers[0]!.url, 31)
    await eventually(async () => {
      const { devices } = await farm.get<{ devices: { address: string }[] }>('/api/unassigned-devices')
      return devices.some(({ address }) => address === ADDRESS) || null
    })
    await farm.post('/api/unassigned-devices/assign', {
      integrationId: id,
      address: ADDRESS,
      profile: 'z2m-tuya-ts0601-soil',
      name: 'Bed probe',
      fieldId: farm.fieldId,
      answers: { depthCm: 20 },
    })
    await expect.poll(temperature).toBe(31)
    expect(await alerts()).toEqual([])

    await brokers[0]!.stop()
    await expect.poll(async () => (await view()).problem).toBe('unreachable')
    // ten minutes of the farm
    await expect.poll(alerts, { timeout: 60_000 }).toEqual([
      expect.objectContaining({
        cause: 'integration-down',
        params: { integration: id, name: 'Greenhouse' },
      }),
    ])

    await farm.patch(`/api/integrations/${id}`, { url: brokers[1]!.url })
    await expect.poll(async () => (await view()).status, { timeout: 60_000 }).toMatch(/connected|receiving/)
    await publish(brokers[1]!.url, 27)
    await expect.poll(temperature).toBe(27)
    await expect.poll(alerts, { timeout: 60_000 }).toEqual([])
  }, 120_000)

  it('is refused over TLS while nobody that this machine trusts has signed its certificate', async () => {
    const { cert, key } = makeAuthority(dataDir, 'a stranger').issue('127.0.0.1')
    const port = await freePort()
    const config = join(dataDir, 'tls.conf')
    writeFileSync(
      config,
      `listener ${port} 127.0.0.1\ncertfile ${cert}\nkeyfile ${key}\nallow_anonymous true\nuser root\n`,
    )
    tlsBroker = spawn(findProgram('mosquitto')!, ['-c', config], { stdio: 'ignore' })
    await farm.patch(`/api/integrations/${id}`, { url: `mqtts://127.0.0.1:${port}` })
    await expect.poll(async () => (await view()).problem, { timeout: 60_000 }).toBe('certificate')
  })

  it('is added, listed, rotated and revoked as a gateway with the command line tool', async () => {
    const tilth = (...args: string[]) =>
      new Promise<string>((resolve, reject) =>
        execFile(
          process.execPath,
          builtProgram('services/cli/tilth.ts', 'gateway', ...args),
          { env: { PATH: process.env.PATH ?? '', DATA_DIR: dataDir } },
          (error, out, err) => (error ? reject(new Error(`${err}${out}`)) : resolve(out)),
        ),
      )
    const credentials = (out: string) => ({
      username: /user name +(\S+)/.exec(out)![1]!,
      password: /password +(\S+)/.exec(out)![1]!,
    })
    const connect = (account: { username: string; password: string }) =>
      mqtt.connectAsync(`mqtt://127.0.0.1:${farm.tilth.mqttPort}`, { ...account, reconnectPeriod: 0 })

    expect(await tilth('list')).toContain('there is no gateway yet')
    const first = credentials(await tilth('add', 'tasmota', '--name', 'Barn relays'))
    const client = await connect(first)
    expect(await tilth('list')).toMatch(
      new RegExp(`${first.username} +tasmota +Barn relays +ja-test +connected`),
    )
    const second = credentials(await tilth('rotate', first.username))
    expect(second).toEqual({
      username: first.username,
      password: expect.not.stringMatching(first.password) as string,
    })
    await (await connect(second)).endAsync()
    const gone = new Promise<void>((resolve) => client.once('close', resolve))
    expect(await tilth('revoke', first.username)).toContain('is revoked')
    await gone
    await expect(connect(second)).rejects.toThrow(/Not authorized/)
    expect(await tilth('list')).toMatch(/Barn relays +ja-test +revoked/)
    await expect(tilth('add', 'coffee', '--name', 'Kitchen')).rejects.toThrow(/kind/)
  })
})
