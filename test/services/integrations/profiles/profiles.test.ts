import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { codecModels } from '../../../../services/integrations/codecs/codec.ts'
import {
  readProfileFolders,
  shippedProfiles,
} from '../../../../services/integrations/profiles/profile-files.ts'
import { matchProfiles } from '../../../../services/integrations/profiles/match-profile.ts'
import { readProfile } from '../../../../services/integrations/profiles/read-profile.ts'
import { profileReader } from '../../../../services/integrations/profiles/profile-reader.ts'
import { virtualClock } from '../../../../broker/contract/virtual-clock.ts'
import { silent } from '../../../broker/rig.ts'
import { shipped } from '../messages.ts'

const minimal = {
  profile: 'own-probe',
  version: 1,
  title: 'Own probe',
  kind: 'probe',
  everyS: 600,
  match: {},
  readings: [{ quantity: 'soil.moisture', path: 'moisture', unit: '%vol' }],
  source: 'https://example.org',
}
const faultOf = (changes: Record<string, unknown>): string => {
  const read = readProfile(JSON.stringify({ ...minimal, ...changes }))
  return read.ok ? 'accepted' : read.error
}

describe('the profiles that Tilth ships', () => {
  it('are all valid, and their codecs read their models', () => {
    expect(shipped.faults).toEqual([])
    for (const { name, codec } of shipped.profiles.values()) {
      const models = codec === null ? null : codecModels[codec.name]
      if (models !== null) expect([name, models.includes(codec!.model)]).toEqual([name, true])
    }
  })

  it('cover every product of the list of the plan', () => {
    const products = [
      ...[
        'em500-smtc',
        'em300-th',
        'em300-di',
        'em500-udl',
        'em500-swl',
        'wts506',
        'uc511',
        'uc512',
        'uc501',
      ],
      ...['uc300', 'em500-pp'],
    ].map((model) => `milesight-${model}`)
    const others = [
      ...['lse01', 'se01-lb', 'lsn50v2', 'sn50v3-lb', 'llms01', 'lms01-lb', 'sw3l-lb', 'wsc2-l'].map(
        (m) => `dragino-${m}`,
      ),
      ...[
        'trs11',
        'trs12',
        'smtp',
        'trs21',
        '5tm',
        '10hs',
        'atm41',
        'atm41g2',
        'tbrg',
        'lws',
        'mbx',
        'pyr',
        'atm22',
      ].map((m) => `decentlab-dl-${m}`),
      ...['sensecap-s210x', 'sensecap-s2120', 'strega-smart-valve', 'tts-normalized', 'tasmota-sensor'],
      ...['z2m-sonoff-swv', 'z2m-sonoff-swv-zfe', 'z2m-giex-qt06-1', 'z2m-giex-qt06-2', 'z2m-giex-gx03'],
      ...['z2m-rtx-zvg1', 'z2m-frankever-fk-v02', 'z2m-tuya-ts0601-water-valve', 'z2m-woox-r7060'],
      ...['z2m-tuya-ts0601-soil', 'z2m-thirdreality-3rsm0147z', 'tasmota-relay', 'shelly-gen2', 'esphome'],
      ...['opensprinkler', 'ecowitt', 'wunderground', 'davis-weatherlink-live', 'ha-statestream'],
    ]
    expect([...products, ...others].filter((name) => !shipped.profiles.has(name))).toEqual([])
  })

  it('are found by the name of the model, by the names of the fields, or not at all', () => {
    const match = (model: string | null, fields: Record<string, unknown> | null) =>
      matchProfiles(
        'chirpstack',
        { hints: { model, brand: null }, fields, normalized: [] },
        shipped.profiles.values(),
      ).map(({ name }) => name)
    expect(match('EM500-SMTC-868M', null)).toEqual(['milesight-em500-smtc'])
    expect(match('my probes', { temperature: 1, moisture: 2, electricity: 3 })).toContain(
      'milesight-em500-smtc',
    )
    expect(match('my probes', { luminosity: 1 })).toEqual([])
    expect(match(null, null)).toEqual([])
  })
})

describe('a profile file is refused by name', () => {
  it.each([
    ['an unknown quantity', { readings: [{ quantity: 'soil.mood', path: 'a', unit: 'C' }] }, 'soil.mood'],
    [
      'a unit of another quantity',
      { readings: [{ quantity: 'soil.moisture', path: 'a', unit: 'C' }] },
      '%vol',
    ],
    ['no unit', { readings: [{ quantity: 'soil.moisture', path: 'a' }] }, 'unit'],
    ['neither quantity nor input', { readings: [{ path: 'a', unit: 'C' }] }, 'input'],
    [
      'a path that computes',
      { readings: [{ quantity: 'soil.moisture', path: 'a[(1+2)]', unit: '%vol' }] },
      'path',
    ],
    ['an unknown key', { script: 'return 1' }, 'script'],
    ['a pattern that takes for ever', { match: { chirpstack: '^(a+)+$' } }, 'match.chirpstack'],
    ['no version', { version: 0 }, 'version'],
  ])('%s', (_what, changes, part) => expect(faultOf(changes)).toContain(part))

  it('and one without a fault is accepted', () => expect(faultOf({})).toBe('accepted'))
})

describe('a folder of the farm', () => {
  const folders: string[] = []
  afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })))
  const folderWith = (files: Record<string, string>): string => {
    const folder = mkdtempSync(join(tmpdir(), 'tilth-profiles-'))
    folders.push(folder)
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    return folder
  }

  it('comes before the shipped profiles; a file with a fault leaves the shipped one', () => {
    const own = JSON.stringify({ ...minimal, profile: 'esphome', version: 7 })
    const folder = folderWith({
      'esphome.json': own,
      'ecowitt.json': '{',
      'own-probe.json': JSON.stringify(minimal),
    })
    const { profiles, faults } = readProfileFolders([shippedProfiles, folder])
    expect(profiles.get('esphome')?.version).toBe(7)
    expect(profiles.get('ecowitt')?.title).toContain('Ecowitt')
    expect(profiles.has('own-probe')).toBe(true)
    expect(faults).toMatchObject([{ file: join(folder, 'ecowitt.json') }])
  })

  it('that does not exist is empty, and a name that differs from its file is a fault', () => {
    const folder = folderWith({ 'other.json': JSON.stringify(minimal) })
    expect(readProfileFolders([join(folder, 'none')])).toEqual({ profiles: new Map(), faults: [] })
    expect(readProfileFolders([folder]).faults).toMatchObject([
      { reason: expect.stringContaining('own-probe') as string },
    ])
  })

  it('is read again within two seconds of a change; a fault is logged, and the profile before it stays', async () => {
    const clock = virtualClock(0)
    const faults: unknown[] = []
    const log = { ...silent, warn: (details: unknown) => void faults.push(details) }
    const folder = folderWith({ 'own-probe.json': JSON.stringify(minimal) })
    const profiles = profileReader({ folders: [folder], clock, log })
    const version = () => profiles().get('own-probe')?.version
    expect(version()).toBe(1)
    const write = (text: string) => writeFileSync(join(folder, 'own-probe.json'), text)
    write(JSON.stringify({ ...minimal, version: 12 }))
    expect(version()).toBe(1)
    await clock.advanceTo(2000)
    expect(version()).toBe(12)
    write('{')
    await clock.advanceTo(4000)
    expect([version(), faults]).toMatchObject([12, [{ file: join(folder, 'own-probe.json') }]])
    rmSync(join(folder, 'own-probe.json'))
    await clock.advanceTo(6000)
    expect(version()).toBe(undefined)
  })
})
