import { describe, expect, it } from 'vitest'
import { readOptions } from '../../firmware-sim/options.ts'

const connect = ['--connect', 'mqtt://localhost:1883', '--org', 'hills', '--credentials', 'devices.json']
const reason = (...argv: string[]) => {
  const options = readOptions(argv)
  return options.ok ? 'accepted' : options.error
}

describe("the simulator's command line", () => {
  it('plays a season of the Maricopa file at its own place', () => {
    const argv = ['--weather', 'maricopa.csv', '--from', '2012-04-15', '--days', '150', '--crop', 'cotton']
    expect(readOptions(argv)).toEqual({
      ok: true,
      value: {
        connect: null,
        org: null,
        credentials: null,
        claim: null,
        flashDir: null,
        sampleS: null,
        forMs: null,
        weather: 'maricopa.csv',
        site: { latDeg: 33.069, lonDeg: -111.972, elevationM: 361, timeZone: 'America/Phoenix' },
        from: '2012-04-15',
        days: 150,
        seed: '1',
        speed: 1,
        crop: 'cotton',
        faults: [],
      },
    })
  })

  it('enables faults at the given places and times', () => {
    const flags = ['--fault', 'stuck:V1', '--fault', 'burst:pump-1/V2@90s', '--fault', 'lies:pump-1@2m']
    expect(readOptions([...connect, ...flags])).toMatchObject({
      value: {
        faults: [
          { kind: 'stuck-open', device: null, valve: 'V1', afterMs: 0 },
          { kind: 'burst', device: 'pump-1', valve: 'V2', afterMs: 90_000 },
          { kind: 'lies', device: 'pump-1', valve: null, afterMs: 120_000 },
        ],
      },
    })
  })

  it('sets no site for normals, which have their own', () => {
    expect(readOptions([...connect, '--for', '2h', '--speed', '60'])).toMatchObject({
      value: { weather: 'normals:rice-plain', site: null, forMs: 7_200_000, speed: 60 },
    })
  })

  it('claims with a code, at the given address or on this machine', () => {
    const claim = ['--claim', '6000 0000 0000 0000 000z']
    expect(readOptions(claim)).toMatchObject({
      value: {
        connect: null,
        credentials: 'claimed.json',
        claim: { code: '6000-0000-0000-0000-000Z', at: 'http://localhost:8080' },
      },
    })
    expect(readOptions([...claim, '--at', 'https://farm.example/'])).toMatchObject({
      value: { claim: { at: 'https://farm.example' } },
    })
  })

  it('prints help on request', () => expect(readOptions(['-h'])).toEqual({ ok: true, value: 'help' }))

  it.each([
    [['--colour', 'red'], "Unknown option '--colour'"],
    [[...connect, '--fault', 'rust:V1'], '--fault: expected one of stuck, no-flow'],
    [[...connect, '--fault', 'stuck'], '--fault: expected KIND:WHERE[@TIME]'],
    [['--fault', 'stuck:V1'], '--fault: goes with --connect'],
    [['season.csv'], "Unexpected argument 'season.csv'"],
    [['--from', '15.4.2012'], '--from: expected a day like 2012-04-15, got 15.4.2012'],
    [['--days', '0'], '--days: expected a whole number from 1, got 0'],
    [['--speed', 'fast'], '--speed: expected above 0 to 100000, got fast'],
    [['--for', 'ever'], '--for: expected 90s, 30m, 2h or 5d, got ever'],
    [['--sample', '0'], '--sample: expected seconds from 1, got 0'],
    [['--site', '33,200,0,UTC'], '--site: expected LAT,LON,ELEVATION_M,TIME_ZONE, got 33,200,0,UTC'],
    [['--site', '33,-111,361,Mars/Gale'], 'got 33,-111,361,Mars/Gale'],
    [['--claim', '6000-0000-0000-0000-0001'], '--claim: its last symbol does not fit the others'],
    [['--claim', '6000-0000-0000-0000-000Z', '--at', 'farm'], '--at: expected http://HOST:PORT, got farm'],
    [['--at', 'http://farm'], '--at: goes with --claim, which is not there'],
    [['--crop', 'moss'], '--crop: expected one of rice, soybean'],
    [['--connect', 'localhost'], '--connect: expected mqtt://HOST:PORT or ws://HOST:PORT, got localhost'],
    [['--connect', 'mqtt://localhost'], '--org: expected [A-Za-z0-9_-]{3,40}, got nothing'],
    [['--connect', 'mqtt://localhost', '--org', 'hills'], '--credentials: expected a file, got nothing'],
  ])('refuses %j with the reason', (argv, expected) => {
    expect(reason(...argv)).toContain(expected)
  })
})
