/** The files a person deploys with: read as their tools read them, since no container engine runs in the tests. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readSettings } from '../../services/config/settings.ts'

const root = join(import.meta.dirname, '../..')
const text = (name: string) => readFileSync(join(root, name), 'utf8')

type Service = {
  image: string
  build?: string
  profiles: string[]
  user?: string
  ports?: string[]
  environment: Record<string, string>
  read_only?: boolean
  mem_limit?: string
  cap_drop?: string[]
  cap_add?: string[]
  security_opt?: string[]
  privileged?: boolean
  healthcheck: { test: string[] }
  depends_on?: Record<string, { condition: string }>
  volumes: string[]
}
const compose = parse(text('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>
  volumes: Record<string, unknown>
}

describe('docker-compose.yml', () => {
  it('offers the embedded and the server profile', () => {
    const of = (profile: string) =>
      Object.entries(compose.services).flatMap(([name, service]) =>
        service.profiles.includes(profile) ? [name] : [],
      )
    expect(of('embedded')).toEqual(['tilth'])
    expect(of('server')).toEqual(['tilth-server', 'influxdb'])
  })

  it('runs InfluxDB 2.7 or later', () => {
    const [, major, minor] = /^influxdb:(\d+)\.(\d+)/.exec(compose.services.influxdb!.image)!
    expect([Number(major), Number(minor)]).toEqual([2, expect.any(Number)])
    expect(Number(minor)).toBeGreaterThanOrEqual(7)
  })

  it('runs every container with a health check, and Tilth not as root (B16)', () => {
    for (const [name, service] of Object.entries(compose.services)) {
      expect(service.healthcheck.test.length, name).toBeGreaterThan(1)
      // a colon in a text without quotes makes a mapping of it, and compose starts nothing
      expect(service.healthcheck.test.map((part) => typeof part)).not.toContain('object')
      if (name.startsWith('tilth')) expect(service.user, name).toBe('node')
    }
  })

  it('gives Tilth nothing it does not need: no capability, no new rights, a root that cannot be written to (B16)', () => {
    for (const name of ['tilth', 'tilth-server'])
      expect(compose.services[name], name).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      })
    for (const [name, service] of Object.entries(compose.services))
      expect([service.cap_add, service.privileged], name).toEqual([undefined, undefined])
  })

  it('limits the memory of Tilth, to no less than the 512 MB that it is tested with (F22)', () => {
    for (const name of ['tilth', 'tilth-server'])
      expect(compose.services[name]!.mem_limit, name).toMatch(/^\$\{TILTH_MEMORY:-[1-9]\d*g\}$/)
    expect(text('docs/systemd/tilth.service')).toMatch(/^MemoryMax=\d+%$/m)
  })

  it('names only volumes that it declares', () => {
    for (const service of Object.values(compose.services))
      for (const volume of service.volumes)
        expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0])
  })

  it('gives Tilth settings that Tilth accepts', () => {
    for (const name of ['tilth', 'tilth-server']) {
      const environment = compose.services[name]!.environment
      const settings = readSettings(
        Object.fromEntries(
          Object.entries(environment).map(([key, value]) => [
            key,
            value.replace(/\$\{\w+:-([^}]*)\}/g, '$1').replace(/\$\{[^}]*\}/g, 'secret'),
          ]),
        ),
        null,
      )
      expect(settings.ok, JSON.stringify(settings)).toBe(true)
    }
  })

  it('publishes MQTT without TLS to the machine itself, and MQTT over WebSocket to nobody else (B5)', () => {
    for (const name of ['tilth', 'tilth-server']) {
      const { ports, environment } = compose.services[name]!
      const plain = ports!.filter((port) => port.endsWith(':1883'))
      expect(plain).toEqual(['${TILTH_MQTT_ADDRESS:-127.0.0.1}:${TILTH_MQTT_PORT:-1883}:1883'])
      expect(environment.MQTT_WEBSOCKET).toBe('${TILTH_MQTT_WEBSOCKET:-local}')
    }
  })

  it('publishes HTTP on the loopback interface only when it trusts a proxy, so that nobody bypasses the proxy', () => {
    for (const name of ['tilth', 'tilth-server'])
      expect(compose.services[name]!.ports).toContain(
        '${TILTH_HTTP_ADDRESS:-${TILTH_TRUSTED_PROXY:+127.0.0.1:}}${TILTH_HTTP_PORT:-8080}:8080',
      )
  })

  it('has no secret in it', () => {
    const raw = text('docker-compose.yml')
    for (const line of raw.split('\n').filter((row) => /(password|token):/i.test(row)))
      expect(line).toMatch(/\$\{[A-Z_]+:\?/)
  })
})

describe('Dockerfile', () => {
  const lines = text('Dockerfile').split('\n')
  it('ends as a person without root rights, with a health check', () => {
    expect(lines.findLast((line) => line.startsWith('USER '))).toBe('USER node')
    expect(lines.some((line) => line.startsWith('HEALTHCHECK'))).toBe(true)
  })
  it('copies no secret from the source folder', () =>
    expect(text('.dockerignore').split('\n')).toEqual(expect.arrayContaining(['.env', 'tilth.env', 'data'])))
  it('keeps DATA_DIR, where the command keys are, from everybody but Tilth', () =>
    expect(lines).toContain('RUN mkdir -m 700 /data && chown node:node /data'))
  it('starts the program that npm start starts', () => {
    const start = (JSON.parse(text('package.json')) as { scripts: Record<string, string> }).scripts.start!
    const command = JSON.stringify(start.split(' ')).replaceAll(',', ', ')
    expect(lines.findLast((line) => line.startsWith('CMD '))).toBe(`CMD ${command}`)
  })
})
