/** A server whose whole disk another program has filled, the reserve included: a real disk of 128 MiB. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openBench, type Bench } from '../../bench/support/bench.ts'
import { provision } from '../../bench/support/place.ts'
import { spawnServer, startServer, type Server } from '../../bench/support/server.ts'
import type { Program } from '../../bench/support/process.ts'
import { signUp, type Person } from '../../bench/torture/support/person.ts'
import { provisionValves, switchOn, type ValvePlace } from '../../bench/torture/support/valve-place.ts'
import { watchValves } from '../../bench/torture/support/valve-watch.ts'
import { openDatabase } from '../../broker/sqlite/database.ts'
import { systemClock } from '../../broker/contract/time.ts'
import { describeOnSmallDisk, mountTmpfs, type Tmpfs } from '../support/tmpfs.ts'

const DISK_BYTES = 128 * 1024 * 1024
const onEnd: (() => Promise<unknown> | unknown)[] = []
let disk: Tmpfs
let place: ValvePlace
let server: Server
let person: Person
let bench: Bench & { end(): Promise<void> }

describeOnSmallDisk()('a disk without a free byte', () => {
  beforeEach(async () => {
    disk = mountTmpfs(DISK_BYTES)!
    onEnd.push(() => disk.unmount())
    await provision(disk.folder, { fields: 1, devices: 1, everyS: 1_200, plantedDaysAgo: 1 })
    place = await provisionValves(disk.folder, { controllers: 1, valvesEach: 1 })
    server = await startServer(disk.folder)
    bench = openBench({ scale: 1, loop: {} as never, log: () => {}, print: () => {} })
    onEnd.push(() => bench.end())
    onEnd.push(() => server.end('SIGKILL'))
    person = await signUp(server.port, server.setupToken)
  })
  afterEach(async () => {
    for (const end of onEnd.splice(0).reverse()) await end()
  })

  /** The free pages and the log that the state store already has are used up too. */
  async function fillDisk(): Promise<void> {
    const state = openDatabase(join(disk.folder, 'state.db'))
    state.exec('pragma busy_timeout = 5000')
    state.exec('create table of_another_program (bytes blob)')
    disk.fill()
    await pause(1_000) // the server releases its reserve
    disk.fill()
    const insert = state.prepare('insert into of_another_program values (zeroblob(?))')
    for (const bytes of [100_000, 1_000, 10])
      expect(() => {
        for (;;) insert.run(bytes)
      }).toThrow('full')
    state.close()
  }

  it('answers a sign-in with its sentence, and STOP closes the valve for a person who is signed in', async () => {
    const [zone] = place.zones
    const controllers = await switchOn({ ...bench, isLong: false, seed: '1' }, place, {
      mqttPort: server.mqttPort,
      clock: systemClock,
    })
    const watch = watchValves(controllers, place.zones, systemClock)
    onEnd.push(() => watch.stop())
    await person.start(zone!.id, 10)
    await vi.waitFor(() => expect(watch.isOpen(zone!.id)).toBe(true), { timeout: 20_000 })
    await fillDisk()

    const signIn = await signInElsewhere(server.port)
    expect(signIn).toEqual({ status: 503, error: 'DISK_FULL' })
    expect((await person.send('GET', '/api/me')).status).toBe(200)

    await person.stop(zone!.id).catch((error: Error) => expect(error.message).toMatch(/STOP_UNRECORDED/))
    await vi.waitFor(() => expect(watch.isOpen(zone!.id)).toBe(false), { timeout: 10_000 })

    disk.empty()
    await vi.waitFor(async () => expect((await signInElsewhere(server.port)).status).toBe(200), {
      timeout: 20_000,
      interval: 500,
    })
  })

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'after %s ends with one line that says what to do, and starts when there is space',
    async (signal) => {
      await fillDisk()
      await server.end(signal)
      disk.fill()
      const refused = spawnServer(disk.folder, [], { env: { LOG_LEVEL: 'silent' } })
      onEnd.push(() => refused.end('SIGKILL'))
      expect(await endOf(refused)).toMatch(
        /^tilth: the disk of .* is full: free some space on it and start again; nothing that was stored is lost\n$/,
      )

      disk.empty()
      server = await startServer(disk.folder)
      expect((await signInElsewhere(server.port)).status).toBe(200)
    },
  )

  it('that filled up while the server was down starts with its reserve, and STOP is stored', async () => {
    await server.end('SIGKILL')
    disk.fill()
    server = await startServer(disk.folder, [], { isWhole: false })
    expect((await signInElsewhere(server.port)).status).toBe(200)
    await person.signIn(server.port)
    expect((await person.send('POST', '/api/stop', { idem: randomUUID() })).status).toBe(200)
  })

  /** From another phone. */
  async function signInElsewhere(port: number): Promise<{ status: number; error?: string }> {
    const url = `http://127.0.0.1:${port}`
    const answer = await fetch(`${url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { origin: url, 'content-type': 'application/json' },
      body: JSON.stringify(person.credentials),
    })
    const { error } = (await answer.json()) as { error?: string }
    return { status: answer.status, ...(error === undefined ? {} : { error }) }
  }

  /** What it has printed. */
  const endOf = (program: Program): Promise<string> =>
    vi.waitFor(
      () => {
        expect(program.child.exitCode, program.output()).toBe(1)
        return program.output()
      },
      { timeout: 30_000, interval: 50 },
    )
})
