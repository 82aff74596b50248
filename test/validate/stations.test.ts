import { describe, expect, it } from 'vitest'
import { siteOf } from './stations.ts'

describe('the location of a station by its SOURCE.md', () => {
  const sites: [text: string, latDeg: number, lonDeg: number | null, elevationM: number][] = [
    ['Site: lat 33.069 N, lon -111.972, elev 361 m, wind at 3 m', 33.069, -111.972, 361],
    ['Site: 39.4575 N, 118.77388 W, 1208.5 m; wind 3 m', 39.4575, -118.77388, 1208.5],
    ['station 23090). 34.9211 S, 138.6216 E, 48 m; wind at 10 m.', -34.9211, 138.6216, 48],
    ['Site (pyet example 01): lat 47.077 N, elev 367 m', 47.077, null, 367],
    ['28.599 S 114.863 E. Columns: local_time', -28.599, 114.863, 0],
  ]
  it.each(sites)('%s', (text, latDeg, lonDeg, elevationM) =>
    expect(siteOf(text)).toEqual({ latDeg, lonDeg, elevationM }),
  )
  it('a text without a latitude has no location', () => expect(siteOf('a climate of 2000-2010')).toBeNull())
})
