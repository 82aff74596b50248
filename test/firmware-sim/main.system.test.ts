import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWire, type Wire } from './wire.ts'
import { builtProgram } from '../support/program.ts'

type Ended = { code: number; out: string; err: string }
const sim = (...argv: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, builtProgram('firmware-sim/main.ts', ...argv), (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })

describe('npm run sim', () => {
  let dir: string
  let wire: Wire
  let file: string
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tilth-sim-'))
    wire = await startWire()
    file = join(dir, 'devices.json')
    writeFileSync(
      file,
      JSON.stringify([
        { id: 'probe-1', kind: 'probe', secret: 's', depthsCm: [20] },
        { id: 'station-1', kind: 'station', secret: 's' },
      ]),
    )
  })
  afterAll(async () => {
    await wire.close()
    rmSync(dir, { recursive: true })
  })

  it('prints the usage for an unknown flag, with exit code 2', async () => {
    const { code, err } = await sim('--colour', 'red')
    expect(code).toBe(2)
    expect(err).toContain("Unknown option '--colour'")
    expect(err).toContain('npm run sim -- --connect')
  })

  it('prints help with exit code 0', async () => {
    const { code, out } = await sim('--help')
    expect(code).toBe(0)
    expect(out).toContain('--credentials FILE')
  })

  it('runs devices against a broker, and a second run continues the count of the first', async () => {
    const argv = [
      '--connect',
      wire.url,
      '--org',
      'hills',
      '--credentials',
      file,
      '--sample',
      '1',
      '--for',
      '3s',
    ]
    const first = await sim(...argv)
    expect(first.err).toBe('')
    expect(first.code).toBe(0)
    expect(first.out).toContain('2 of 2 devices online')
    const second = await sim(...argv)
    expect(second.code).toBe(0)
    const numbers = wire.of('probe-1', 'telemetry').map(({ n }) => n)
    expect(numbers.length).toBeGreaterThanOrEqual(2)
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => i + 1))
    expect(wire.of('probe-1', 'telemetry').at(-1).boot).toBe(2)
    expect(JSON.parse(readFileSync(join(dir, 'flash/probe-1.json'), 'utf8')).unsent).toEqual([])
  }, 90_000)

  it('reports in one line which file or day is wrong', async () => {
    const base = ['--connect', wire.url, '--org', 'hills', '--credentials']
    const missing = await sim(...base, join(dir, 'none.json'))
    expect([missing.code, missing.err.trim().split('\n').length]).toEqual([1, 1])
    expect(missing.err).toContain('none.json')
    const csv = join(dir, 'old.csv')
    writeFileSync(csv, 'date,tmin_C,tmax_C,rain_mm\n2012-04-15,10,20,0\n2012-04-16,10,20,0\n')
    const old = await sim(...base, file, '--weather', csv)
    expect(old.code).toBe(1)
    expect(old.err).toContain('covers 2012-04-15 to 2012-04-16')
    expect(old.err).toContain('--from')
  })
})
