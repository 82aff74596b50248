/** What `tilth doctor` finds about a real PostgreSQL of SERIES. */
import { tmpdir } from 'node:os'
import pg from 'pg'
import { beforeEach, expect, it } from 'vitest'
import { checkServers } from '../../../services/cli/doctor/check-servers.ts'
import { readSettings } from '../../../services/config/settings.ts'
import { describeWithPostgres, startPostgres, type Postgres } from '../../support/postgres.ts'

describeWithPostgres('tilth doctor with SERIES=postgres://', () => {
  let server: Postgres
  let url: string
  beforeEach(async () => {
    server = await startPostgres()
    url = (await server.newDatabase()).url
    return () => server.stop()
  })
  const findings = async (SERIES: string) => {
    const settings = readSettings({ DATA_DIR: tmpdir(), SERIES }, null)
    if (!settings.ok) throw new Error(settings.error)
    return checkServers(settings.value)
  }
  async function administer(text: string): Promise<void> {
    const client = new pg.Client(url)
    await client.connect()
    await client.query(text)
    await client.end()
  }

  it('names what to do about each state of the server, and makes no tables', async () => {
    expect(await findings(url)).toMatchObject([
      { subject: 'SERIES', state: 'ok', what: expect.stringMatching(/^PostgreSQL \d+/) },
    ])
    const ownerless = url.replace(/tilth:\w+@/, 'guest:guest@')
    await administer(`create user guest password 'guest'`)
    expect(await findings(ownerless)).toMatchObject([
      { state: 'fault', what: expect.stringContaining('may not create the tables') },
    ])
    await administer(`alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`)
    expect(await findings(url)).toMatchObject([
      { state: 'warning', what: expect.stringContaining('does not wait for its disk') },
    ])
    expect(await findings(url.replace(/:\w+@/, ':s3cret@'))).toMatchObject([
      { state: 'fault', what: expect.stringContaining('password authentication failed') },
    ])
    await server.kill()
    const away = await findings(url)
    expect(away).toMatchObject([{ state: 'warning', what: expect.stringContaining('ECONNREFUSED') }])
    expect(JSON.stringify(away)).not.toContain(new URL(url).password)
  })
})
