/** `npm run decide -- --product`: the JSON lines through a complete Tilth, in this process and as a program. */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { addDays } from '../../../broker/contract/time.ts'
import { productSession, type ProductSession } from '../../../firmware-sim/decide/product-session.ts'
import { decisionSession } from '../../../services/plan/decide/session.ts'
import { firstDay, setup } from '../../services/plan/decide/contract-example.ts'
import { builtProgram } from '../../support/program.ts'

type Response = {
  type: string
  day: string
  irrigateMm: number
  notes: string[]
  why: { key: string; mm?: number | null; params?: Record<string, unknown> }[]
  message: string
  line: number
}
const keys = ({ why }: Response) => why.map(({ key }) => key)

/** Folders of farms, in every place where they may be. */
const folders = () =>
  ['/dev/shm', tmpdir()].flatMap((folder) => {
    try {
      return readdirSync(folder).filter((name) => name.startsWith('tilth-decide-'))
    } catch {
      return []
    }
  })

let session: ProductSession | null = null
afterEach(async () => {
  await session?.stop()
  session = null
})

async function talk(lines: (object | string)[]): Promise<Response[]> {
  session ??= productSession()
  const responses: Response[] = []
  for (const line of lines) {
    const text = await session.respond(typeof line === 'string' ? line : JSON.stringify(line))
    if (text !== null) responses.push(JSON.parse(text) as Response)
  }
  return responses
}

/** A rainless field in summer: the roots' layer loses 5 mm a day, and a probe in it reads what is left. */
function dryField(firstDay: string) {
  let day = addDays(firstDay, -1)
  let storeMm = 66 // of 0.3 m at 0.22 m3/m3
  let orderedMm = 0
  return async (
    change: (orderedMm: number) => { appliedMm?: number; soilMoisture?: object } = () => ({}),
  ) => {
    const { appliedMm = orderedMm, ...other } = change(orderedMm)
    storeMm = Math.min(66, Math.max(30, storeMm + appliedMm - 5))
    day = addDays(day, 1)
    const vwc = Math.round(storeMm / 0.3) / 1000
    const [decision] = await talk([
      {
        type: 'day',
        day,
        weather: { tMinC: 15, tMaxC: 31, rainMm: 0, et0Mm: 6 },
        soilMoisture: { s1: vwc, s2: vwc },
        appliedMm,
        forecast: [1, 2, 3].map((k) => ({ day: addDays(day, k), tMinC: 15, tMaxC: 31, rainMm: 0 })),
        ...other,
      },
    ])
    orderedMm = decision!.irrigateMm
    return decision!
  }
}
const dry = { ...setup, field: { ...setup.field, plantingDay: '1995-06-20' } }

describe('the product over JSON lines', () => {
  it('a dry field is irrigated by runs of the plan, whose stored reasons are the response', async () => {
    const [ready] = await talk([dry])
    expect(ready).toMatchObject({ type: 'ready', crop: 'maize', notes: [] })
    const play = dryField('1995-06-20')
    const decisions: Response[] = []
    for (let i = 0; i < 24; i++) decisions.push(await play())
    const runs = decisions.filter(({ irrigateMm }) => irrigateMm > 0)
    expect(runs.length).toBeGreaterThan(1)
    for (const run of runs) {
      expect(run.irrigateMm).toBeGreaterThanOrEqual(5)
      expect(run.irrigateMm).toBeLessThanOrEqual(60)
      expect(run.why[0]).toMatchObject({ key: 'irrigate', params: { mm: run.irrigateMm } })
      expect(run.why.find(({ key }) => key === 'depth')!.mm).toBe(run.irrigateMm)
    }
    const [first] = runs
    const after = decisions[decisions.indexOf(first!) + 1]!
    expect(after.irrigateMm).toBeLessThan(first!.irrigateMm)
  })

  it('the farm enters the soil water at planting and the depth to rock', async () => {
    const irrigated = async (field: object): Promise<number> => {
      await session?.stop()
      session = null
      const silent = { ...dry, sensors: [], field: { ...dry.field, ...field } }
      expect((await talk([silent]))[0]!.notes).toEqual([])
      const days = Array.from({ length: 6 }, (_, k) => ({
        type: 'day',
        day: addDays('1995-06-20', k),
        weather: { tMinC: 15, tMaxC: 31, rainMm: 0, et0Mm: 6 },
      }))
      return (await talk(days)).reduce((sum, { irrigateMm }) => sum + irrigateMm, 0)
    }
    const dryStart = await irrigated({ initialVwc: 0.11 })
    expect(dryStart).toBeGreaterThan(await irrigated({ initialVwc: 0.22 }))
    const soil = { ...setup.field.soil, depthM: 0.3 }
    expect(await irrigated({ initialVwc: 0.11, soil })).toBeLessThan(dryStart)
  })

  it('a run that did not start is ordered again; a part of it, more water and no meter are taken as they are', async () => {
    await talk([dry])
    const play = dryField('1995-06-20')
    const untilOrdered = async (): Promise<Response> => {
      for (let i = 0; i < 15; i++) {
        const decision = await play()
        if (decision.irrigateMm > 0) return decision
      }
      throw new Error('a dry field was not irrigated')
    }
    await untilOrdered()
    const failed = await play(() => ({ appliedMm: 0 }))
    expect(failed.irrigateMm).toBeGreaterThan(0)
    const half = await play((mm) => ({ appliedMm: mm / 2 }))
    expect(half.type).toBe('decision')
    const full = await play((mm) => ({ appliedMm: mm + 12 }))
    expect(full.irrigateMm).toBe(0)
    await untilOrdered()
    const [unmetered] = await talk([
      { type: 'day', day: '1995-07-30', weather: { tMinC: 15, tMaxC: 31, rainMm: 0, et0Mm: 6 } },
    ])
    expect(unmetered!.type).toBe('decision')
  })

  it('silent probes are named in the reasons', async () => {
    await talk([dry])
    const play = dryField('1995-06-20')
    await play()
    const silent = await play(() => ({ soilMoisture: { s1: null, s2: null } }))
    expect(keys(silent)).toContain('probe-silent')
  })

  it('bad lines give the errors of the decision model', async () => {
    const lines: (object | string)[] = [
      firstDay,
      { ...setup, field: { ...setup.field, soil: { texture: 'cheese' } } },
      { ...setup, site: { ...setup.site, timeZone: 'Mars/Olympus' } },
      setup,
      'nonsense',
      '',
      { type: 'night' },
      { ...firstDay, weather: { rainMm: -1 } },
      { ...firstDay, day: '1995-02-30' },
      firstDay,
      { ...firstDay, day: '1995-04-30' },
      { ...firstDay, day: '1997-04-30' },
    ]
    const model = decisionSession()
    const expected = lines.flatMap((line) => {
      const text = model(typeof line === 'string' ? line : JSON.stringify(line))
      return text === null ? [] : [JSON.parse(text) as Response]
    })
    const responses = await talk(lines)
    expect(responses.map(({ type }) => type)).toEqual(expected.map(({ type }) => type))
    const errors = (list: Response[]) => list.filter(({ type }) => type === 'error')
    expect(errors(responses)).toEqual(errors(expected))
  })

  it('the farm stays for the next season of its field; another field, or an earlier year, is another farm', async () => {
    const next = (year: number, field: object = {}) => ({
      ...setup,
      field: { ...setup.field, plantingDay: `${year}-05-01`, ...field },
    })
    const day = (year: number) => ({ ...firstDay, day: `${year}-05-01`, forecast: null })
    const [, , second, decision] = await talk([next(1995), day(1995), next(1996), day(1996)])
    expect(second!.notes).toContain('same-farm')
    expect(decision).toMatchObject({ type: 'decision', day: '1996-05-01' })
    const [other, , back] = await talk([
      next(1997, { soil: { texture: 'loam' } }),
      day(1997),
      next(1990),
      day(1990),
    ])
    expect(other!.notes).not.toContain('same-farm')
    expect(back!.type).toBe('ready')
  })

  it('as a program it answers on standard output, ends by itself, and leaves nothing behind', async () => {
    const before = folders()
    const child = spawn(process.execPath, builtProgram('firmware-sim/decide/cli.ts', '--product'), {
      cwd: join(import.meta.dirname, '../../..'),
    })
    let out = ''
    let errors = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    child.stdin.end([setup, firstDay].map((line) => JSON.stringify(line)).join('\n'))
    const code = await new Promise((resolve) => child.on('close', resolve))
    const types = out.trim().split('\n')
    expect(errors).toBe('')
    expect(code).toBe(0)
    expect(types.map((line) => (JSON.parse(line) as Response).type)).toEqual(['ready', 'decision'])
    expect(folders().filter((name) => !before.includes(name))).toEqual([])
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('leaves no folder behind when %s ends it', async (signal) => {
    const before = folders()
    const child = spawn(process.execPath, builtProgram('firmware-sim/decide/cli.ts', '--product'), {
      cwd: join(import.meta.dirname, '../../..'),
    })
    child.stdin.write(`${[setup, firstDay].map((line) => JSON.stringify(line)).join('\n')}\n`)
    await new Promise<void>((resolve) => {
      let out = ''
      child.stdout.on(
        'data',
        (chunk: Buffer) => (out += chunk.toString()).includes('"decision"') && resolve(),
      )
    })
    const created = folders().filter((name) => !before.includes(name))
    expect(created).toHaveLength(1)
    child.kill(signal)
    await new Promise((resolve) => child.on('close', resolve))
    expect(folders().filter((name) => created.includes(name))).toEqual([])
  })
})
