/**
 * The Debian package on this machine: installed by apt, started as its unit defines, upgraded and purged. It changes the
 * machine, so it runs as root with CI=true only.
 */
import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeBy, findProgram } from '../support/require.ts'

const root = join(import.meta.dirname, '../..')
const INSTALL_MS = 180_000
const canInstall = process.getuid?.() === 0 && findProgram('dpkg-deb') !== null
const describeInstall = describeBy(
  process.env.CI !== 'true' ? 'skip' : canInstall ? 'run' : 'fail',
  'it installs a package on this machine: run it as root with CI=true on Debian',
)

const run = promisify(execFile)
const apt = (...args: string[]) =>
  run('apt-get', ['-y', '-qq', ...args], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
const isInstalled = () =>
  run('dpkg-query', ['-W', '-f', '${Status}', 'tilth']).then(
    ({ stdout }) => stdout.includes('installed'),
    () => false,
  )

const unit = '/usr/lib/systemd/system/tilth.service'
const ports = { PORT: '0', MQTT_PORT: '0', HOST: '127.0.0.1' }

describeInstall('the Debian package', () => {
  let folder: string
  let service: ChildProcessWithoutNullStreams | null = null
  beforeAll(async () => {
    if (await isInstalled()) throw new Error('tilth is installed on this machine already')
    folder = mkdtempSync(join(tmpdir(), 'tilth-package-'))
  })
  afterAll(async () => {
    service?.kill('SIGKILL')
    if (await isInstalled()) await apt('purge', 'tilth')
    rmSync(folder, { recursive: true, force: true })
  })

  /** Runs what the unit runs, as its user and with its environment, until it prints the first link. */
  async function startService(): Promise<string> {
    const lines = readFileSync(unit, 'utf8').split('\n')
    const valueOf = (name: string) =>
      lines.find((line) => line.startsWith(`${name}=`))!.slice(name.length + 1)
    const own = Object.fromEntries(
      valueOf('Environment')
        .split(' ')
        .map((pair) => pair.split('=')),
    )
    const [command = '', ...args] = valueOf('ExecStart').split(' ')
    const started = spawn('runuser', ['-u', valueOf('User'), '--', command, ...args], {
      cwd: valueOf('WorkingDirectory'),
      env: { PATH: process.env.PATH ?? '', ...own, ...ports },
    })
    service = started
    let text = ''
    return new Promise((resolve, reject) => {
      const read = (chunk: Buffer) => {
        text += chunk.toString()
        const link = /http:\S+setup\?token=\S+/.exec(text)
        if (link) resolve(link[0])
      }
      started.stdout.on('data', read)
      started.stderr.on('data', read)
      started.once('exit', (code) => reject(new Error(`the service ended with ${code}: ${text}`)))
    })
  }

  async function stopService(): Promise<void> {
    const stopped = service!
    service = null
    const ended = new Promise((resolve) => stopped.once('exit', resolve))
    stopped.removeAllListeners('exit')
    const isOver = new Promise<void>((resolve) => stopped.once('close', () => resolve()))
    // runuser passes the signal on to Tilth
    stopped.kill('SIGTERM')
    await Promise.race([ended, isOver])
  }

  /** The same package with a higher version. */
  async function nextVersion(file: string): Promise<string> {
    const unpacked = join(folder, 'next')
    await run('dpkg-deb', ['-R', file, unpacked])
    await run('sed', ['-i', 's/^Version: .*/&+next/', join(unpacked, 'DEBIAN/control')])
    const next = join(folder, 'tilth_next.deb')
    await run('dpkg-deb', ['--root-owner-group', '-Znone', '--build', unpacked, next])
    return next
  }

  it(
    'starts as a service, keeps everything in an upgrade, and leaves nothing when purged',
    async () => {
      const { stdout } = await run('npm', ['run', '--silent', 'package', '--', 'deb', folder], { cwd: root })
      const file = stdout.trim()
      await apt('install', file)
      expect((await run('id', ['-un', 'tilth'])).stdout.trim()).toBe('tilth')
      expect(statSync('/var/lib/tilth').mode & 0o777).toBe(0o700)
      expect(statSync('/etc/tilth/tilth.env').mode & 0o777).toBe(0o640)

      expect(await startService()).toContain('setup?token=')
      const secrets = readFileSync('/var/lib/tilth/secrets.json', 'utf8')
      await stopService()
      const { stdout: findings } = await run('/usr/bin/tilth', ['doctor', '--json'], {
        env: { PATH: process.env.PATH ?? '', ...ports },
      })
      expect((JSON.parse(findings) as { state: string }[]).filter(({ state }) => state === 'fault')).toEqual(
        [],
      )

      appendFileSync('/etc/tilth/tilth.env', 'SUPPORT_PHONE=0123\n')
      await apt('install', await nextVersion(file))
      expect((await run('dpkg-query', ['-W', '-f', '${Version}', 'tilth'])).stdout).toMatch(/\+next$/)
      expect(readFileSync('/etc/tilth/tilth.env', 'utf8')).toContain('SUPPORT_PHONE=0123')
      expect(await startService()).toContain('setup?token=')
      expect(readFileSync('/var/lib/tilth/secrets.json', 'utf8')).toBe(secrets)
      await stopService()

      await apt('purge', 'tilth')
      for (const path of ['/usr/lib/tilth', '/usr/bin/tilth', '/etc/tilth', '/var/lib/tilth', unit])
        expect([path, existsSync(path)]).toEqual([path, false])
      await expect(run('id', ['tilth'])).rejects.toThrow('no such user')
    },
    INSTALL_MS,
  )
})
