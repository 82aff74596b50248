/** The setting SERIES for PostgreSQL: what it may contain, and that no error repeats its password. */
import { describe, expect, it } from 'vitest'
import { postgresName } from '../../../../services/adapters/postgres/address.ts'
import { parseSeriesAddress } from '../../../../services/adapters/postgres/series-address.ts'
import { isTilthError } from '../../../../services/errors.ts'

describe('SERIES=postgres://', () => {
  it('the months of keeping are for Tilth, all else is for the client of PostgreSQL', () => {
    expect(
      parseSeriesAddress('postgres://tilth:s%2Fcret@db.example:6432/farm?sslmode=verify-full&keepMonths=36'),
    ).toEqual({
      urls: ['postgres://tilth:s%2Fcret@db.example:6432/farm?sslmode=verify-full'],
      where: 'db.example:6432',
      keepMonths: 36,
    })
  })

  it('without keepMonths readings are kept for good; the port is 5432; a host may be a folder of a socket', () => {
    expect(parseSeriesAddress('postgres://tilth@%2Frun%2Fpostgresql/farm')).toMatchObject({
      where: '/run/postgresql:5432',
      keepMonths: null,
    })
  })

  it('several hosts are one address each, with the same user, database and parameters', () => {
    expect(
      parseSeriesAddress('postgres://tilth:a%2Cb@one,two:6432/farm?sslmode=require&keepMonths=36'),
    ).toEqual({
      urls: [
        'postgres://tilth:a%2Cb@one/farm?sslmode=require',
        'postgres://tilth:a%2Cb@two:6432/farm?sslmode=require',
      ],
      where: 'one:5432,two:6432',
      keepMonths: 36,
    })
    expect(postgresName('STATE', 'postgres://tilth:s3cret@one,two:6432/farm')).toBe(
      'STATE at one:5432,two:6432/farm',
    )
    expect(() => postgresName('STATE', 'postgres://tilth:s3cret@one,,two/farm')).toThrow(
      /STATE must look like/,
    )
  })

  it.each([
    ['postgres://tilth:s3cret@one,/farm', /is not a URL|names no host/],
    ['postgres:///farm', /names no host/],
    ['postgres://tilth:s3cret@/farm', /is not a URL/],
    ['postgres://tilth:s3cret@db', /names no database/],
    ['postgres://tilth:s3cret@db/', /names no database/],
    ['postgres://tilth:s3cret@db:port/farm', /is not a URL/],
    ['postgres://tilth:s3cret%@db/farm', /is not a URL/],
    ['postgres://tilth:s3cret@db/farm?keepMonths=a-year', /whole months, got keepMonths=a-year/],
    ['postgres://tilth:s3cret@db/farm?keepMonths=12', /at least 13 months/],
  ])('%s is refused, and its password is not repeated', (url, reason) => {
    let error: unknown
    try {
      parseSeriesAddress(url)
    } catch (thrown) {
      error = thrown
    }
    expect(isTilthError(error, 'INVALID_CONFIG')).toBe(true)
    const { message, cause } = error as Error
    expect(message).toMatch(reason)
    expect(`${message} ${JSON.stringify(cause)}`).not.toContain('s3cret')
  })
})
