import { describe, expect, it } from 'vitest'
import { hostsInTurn, hostUrls } from '../../../broker/contract/host-urls.ts'

describe('an address of several hosts', () => {
  it('is an address for each, with the same user, secret and path', () => {
    expect(hostUrls('postgres://tilth:s,c@one:5432,[::1]:5433/farm?sslmode=require')).toEqual([
      'postgres://tilth:s,c@one:5432/farm?sslmode=require',
      'postgres://tilth:s,c@[::1]:5433/farm?sslmode=require',
    ])
    expect(hostUrls('mqtt://one')).toEqual(['mqtt://one'])
    expect(hostUrls('no address, at all')).toEqual(['no address, at all'])
  })

  it('the next host after the first is the second, and after the last the first', () => {
    const next = hostsInTurn('mqtts://one.farm,two.farm:8884,[::1]')
    const turns = Array.from({ length: 4 }, next)
    expect(turns.map(({ host, port }) => `${host} ${port}`)).toEqual([
      'two.farm 8884',
      '::1 8883',
      'one.farm 8883',
      'two.farm 8884',
    ])
    expect(hostsInTurn('mqtt://one')()).toMatchObject({ host: 'one', port: 1883 })
  })
})
