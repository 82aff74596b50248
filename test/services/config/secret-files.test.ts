/** Secrets from files, and files that others can read (B16). */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSettings } from '../../../services/config/settings.ts'
import { exposedFiles, secretPlaces, secretSettings } from '../../../services/config/secret-files.ts'
import { loadSecrets } from '../../../services/config/secrets.ts'

let dir: string
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'tilth-secrets-'))))
afterEach(() => rmSync(dir, { recursive: true }))

function keep(name: string, text: string, mode = 0o600): string {
  const path = join(dir, name)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}
const texts: Record<(typeof secretSettings)[number], string> = {
  STATE: 'postgres://tilth:s3cret@db:5432/tilth',
  SERIES: 'influx2://db:8086/tilth?org=tilth&token=t0ken',
  BUS: 'mqtts://tilth:s3cret@broker:8883',
  BUS_USERS: 'rabbitmq:https://tilth-users:s3cret@broker:15672',
  SMTP_URL: 'smtp://tilth:s3cret@mail:587',
}

describe('a secret setting', () => {
  it.each(secretSettings)('%s may come from a file (B16)', (name) => {
    const beside = {
      MAIL_FROM: 'tilth@farm.example',
      ...(name === 'BUS_USERS' ? { BUS: texts.BUS } : {}),
    }
    const fromFile = readSettings({ ...beside, [`${name}_FILE`]: keep(name, `${texts[name]}\n`) }, null)
    const plain = readSettings({ ...beside, [name]: texts[name] }, null)
    if (!fromFile.ok || !plain.ok) throw new Error('both must be accepted')
    expect({ ...fromFile.value, secretFiles: [] }).toEqual(plain.value)
    expect(fromFile.value.secretFiles).toEqual([join(dir, name)])
  })

  it.each(secretSettings)(
    '%s is rejected when it is set twice, unreadable or empty, without showing its text',
    (name) => {
      const path = keep('both', texts[name])
      const reason = (env: Record<string, string>) => {
        const settings = readSettings(env, null)
        return settings.ok ? 'accepted' : settings.error
      }
      const answers = [
        reason({ [name]: texts[name], [`${name}_FILE`]: path }),
        reason({ [`${name}_FILE`]: join(dir, 'absent') }),
        reason({ [`${name}_FILE`]: keep('empty', ' \n') }),
        ...[
          'redis://t0ken:s3cret@host',
          't0ken',
          't0ken:s3cret',
          'influx://h:8086/b?org=o&token=t0ken',
        ].flatMap((text, at) => [
          reason({ [`${name}_FILE`]: keep(`wrong-${at}`, text) }),
          reason({ [name]: text }),
        ]),
        reason({ [name]: 'mqtt://tilth:p@s3cret/t0ken' }),
        reason({ [name]: 'mqtt://host/?token=t0ken' }),
      ]
      expect(answers[0]).toBe(`${name} and ${name}_FILE are both set; set one of them`)
      expect(answers[1]).toMatch(
        new RegExp(`^${name}_FILE must name a file that Tilth can read, got .*absent`),
      )
      expect(answers[2]).toMatch(new RegExp(`^${name}_FILE: .*empty is empty$`))
      expect(answers[3]).toMatch(new RegExp(`^${name} must begin with .*, got something else in the file$`))
      expect(answers[4]).toMatch(new RegExp(`^${name} must begin with .*, got redis:$`))
      expect(answers.slice(3).filter((text) => !text.startsWith(`${name} must `))).toEqual([])
      expect(answers.join()).not.toMatch(/t0ken|s3cret/)
    },
  )

  it('that is empty counts as not set: a container sets what it does not use', () =>
    expect(readSettings({ SERIES_FILE: '', BUS_FILE: ' ', SECRETS_FILE: '' }, null).ok).toBe(true))
})

describe("the server's own secrets", () => {
  it('come from SECRETS_FILE, which is never created and never changed (B16)', () => {
    const made = loadSecrets(join(dir, 'data'))
    const path = keep('secret', JSON.stringify(made), 0o400)
    expect(loadSecrets(join(dir, 'other'), path)).toEqual(made)
    expect(exposedFiles([path])).toEqual([])
    expect(() => loadSecrets(dir, join(dir, 'absent'))).toThrow(/SECRETS_FILE must name an existing file/)
  })
})

describe('a path that others can read', () => {
  it('is reported with the command that fixes it (B16)', () => {
    mkdirSync(join(dir, 'open'), { mode: 0o755 })
    mkdirSync(join(dir, 'shut'), { mode: 0o700 })
    const [tight, loose] = [keep('tight', ''), keep('loose', '', 0o640)]
    const found = exposedFiles([join(dir, 'open'), join(dir, 'shut'), tight, loose, join(dir, 'absent')])
    expect(found).toEqual([
      { path: join(dir, 'open'), hint: `chmod 700 ${join(dir, 'open')}` },
      { path: loose, hint: `chmod 600 ${loose}` },
    ])
  })

  it('is also searched at the paths of STATE and SERIES', () => {
    const dataDir = join(dir, 'data')
    const elsewhere = keep('farm.db', '', 0o644)
    const log = keep('farm.db-wal', '', 0o600)
    const settings = readSettings(
      { DATA_DIR: dataDir, STATE: `sqlite:${elsewhere}`, SERIES: `sqlite:${join(dataDir, 'series.db')}` },
      null,
    )
    if (!settings.ok) throw new Error(settings.error)
    expect(secretPlaces(settings.value)).toEqual([dataDir, elsewhere, log, `${elsewhere}-shm`])
    expect(exposedFiles(secretPlaces(settings.value))).toEqual([
      { path: elsewhere, hint: `chmod 600 ${elsewhere}` },
    ])
  })
})
