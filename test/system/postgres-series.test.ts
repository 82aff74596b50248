/** Tilth with its readings on PostgreSQL: nothing is lost while the server is away, at the start and in mid-stream. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { beforeEach, expect, it } from 'vitest'
import { ORG, provision } from '../../bench/support/place.ts'
import { startServer, type Server } from '../../bench/support/server.ts'
import { openPostgresSeries } from '../../services/adapters/postgres/series.ts'
import { disableNagle } from '../../firmware-sim/devices/link.ts'
import { describeWithPostgres, startPostgres, type Postgres } from '../support/postgres.ts'

describeWithPostgres('Tilth with SERIES=postgres://', () => {
  let dataDir: string
  let database: Postgres
  let tilth: Server | undefined
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'tilth-postgres-series-'))
    database = await startPostgres()
    return async () => {
      await tilth?.end('SIGTERM')
      await database.stop()
      rmSync(dataDir, { recursive: true, force: true })
    }
  })

  it('starts without it, acknowledges readings meanwhile, and stores each once it is there', async () => {
    const { url } = await database.newDatabase()
    const [probe] = await provision(dataDir, { fields: 1, devices: 1, everyS: 60, plantedDaysAgo: 1 })
    await database.kill()
    tilth = await startServer(dataDir, [], { env: { SERIES: url }, isWhole: false })
    const client = await connectAsync(`mqtt://127.0.0.1:${tilth.mqttPort}`, {
      clientId: probe!.id,
      username: probe!.id,
      password: probe!.secret,
    })
    disableNagle(client)
    let n = 0
    const send = (moisture: number) => {
      n++
      const measurements = [{ soil: { depth: 30, moisture } }]
      return client.publishAsync(
        probe!.topic,
        JSON.stringify({ v: 1, n, boot: 1, monoMs: n * 60_000, measurements }),
        { qos: 1 },
      )
    }
    await send(21)
    expect(await missing(tilth)).toEqual(['series'])
    await database.startServer()
    await expect.poll(() => missing(tilth!), { timeout: 40_000 }).toEqual([])
    await send(22)

    const stored = async () => {
      const series = await openPostgresSeries(url)
      try {
        const selection = { org: ORG, quantity: 'soil.moisture', fromMs: 0, toMs: Date.now() + 600_000 }
        return (await series.range(selection)).flatMap(({ value }) => value)
      } finally {
        await series.close()
      }
    }
    await expect.poll(stored, { timeout: 40_000 }).toEqual([21, 22])
    await database.kill()
    await send(23)
    expect(await missing(tilth)).toEqual(['series'])
    await database.startServer()
    await expect.poll(stored, { timeout: 40_000 }).toEqual([21, 22, 23])
    await client.endAsync()
  }, 150_000)
})

/** The parts that `/readyz` misses. */
async function missing({ port }: Server): Promise<string[]> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`)
  return ((await response.json()) as { missing?: string[] }).missing ?? []
}
