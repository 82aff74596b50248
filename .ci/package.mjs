// `npm run package -- deb [FOLDER]`: a Debian package of the built Tilth with the packages that it runs, for the architecture
// of this machine. The same build gives the same bytes. Needs dpkg-deb.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { runtimePaths, tilth } from './packages.mjs'

const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' }
const root = join(import.meta.dirname, '..')
const { description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const [format, folder = '.'] = process.argv.slice(2)
if (format !== 'deb') fail(`usage: npm run package -- deb [FOLDER], got ${format ?? 'nothing'}`)
const architecture = ARCHITECTURES[process.arch]
if (architecture === undefined) fail(`no package for ${process.arch}; it is built on x64 and arm64`)
if (!existsSync(join(root, 'dist/.built'))) fail('Tilth is not built. Run: npm run build')

const stage = mkdtempSync(join(tmpdir(), 'tilth-deb-'))
try {
  fill()
  const file = join(resolve(folder), `tilth_${tilth.version}_${architecture}.deb`)
  // the time of the commit, so that a second build has the same bytes
  const builtS = Number(
    process.env.SOURCE_DATE_EPOCH ?? execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root }),
  )
  setTimes(stage, builtS)
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', stage, file], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, SOURCE_DATE_EPOCH: String(builtS) },
  })
  console.log(file)
} finally {
  rmSync(stage, { recursive: true, force: true })
}

function fill() {
  const program = 'usr/lib/tilth'
  for (const path of ['package.json', 'dist', 'profiles', ...runtimePaths()]) copy(path, `${program}/${path}`)
  pruneFonts(join(stage, program, 'node_modules/@fontsource'))
  copy('docs/systemd/tilth.service', 'usr/lib/systemd/system/tilth.service')
  copy('.ci/deb/tilth', 'usr/bin/tilth', 0o755)
  copy('.ci/deb/settings.env', 'etc/tilth/tilth.env')
  for (const page of ['install.md', 'settings.md', 'licences.md'])
    copy(`docs/${page}`, `usr/share/doc/tilth/${page}`)
  copy('CHANGELOG.md', 'usr/share/doc/tilth/CHANGELOG.md')
  copy('LICENSE', 'usr/share/doc/tilth/copyright')
  for (const script of ['postinst', 'prerm', 'postrm']) copy(`.ci/deb/${script}`, `DEBIAN/${script}`, 0o755)
  write('DEBIAN/conffiles', '/etc/tilth/tilth.env\n')
  write('DEBIAN/control', control())
}

function control() {
  const installedKb = Math.ceil(bytesOf(stage) / 1024)
  return `Package: tilth
Version: ${tilth.version}
Architecture: ${architecture}
Maintainer: Tilth developers <developers@tilth.invalid>
Installed-Size: ${installedKb}
Depends: nodejs (>= 20.19), adduser, util-linux
Recommends: fonts-noto-cjk
Section: science
Priority: optional
Description: ${description}
 Tilth reads the sensors of a farm over MQTT, decides on irrigation and pest
 control, commands the valves, and shows each field on a phone. All data stay
 on this machine.
`
}

function copy(from, to, mode) {
  const target = join(stage, to)
  mkdirSync(dirname(target), { recursive: true })
  cpSync(join(root, from), target, {
    recursive: true,
    dereference: true,
    filter: (path) => basename(path) !== '.bin',
  })
  if (mode !== undefined) chmodSync(target, mode)
  else if (statSync(target).isFile()) chmodSync(target, 0o644)
}

function write(to, text) {
  mkdirSync(dirname(join(stage, to)), { recursive: true })
  writeFileSync(join(stage, to), text)
}

/** Of the font for PDF only what is read: one weight, and where each character is. */
function pruneFonts(fonts) {
  for (const name of readdirSync(fonts, { recursive: true })) {
    const path = join(fonts, name)
    if (statSync(path).isFile() && !/-400-normal\.woff$|\.json$|LICENSE$/.test(path)) rmSync(path)
  }
}

function bytesOf(path) {
  const stat = statSync(path)
  return stat.isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 4096)
    : stat.size
}

/** Also the modes: those of a checkout depend on its umask. */
function setTimes(path, atS) {
  const stat = statSync(path)
  if (stat.isDirectory()) for (const name of readdirSync(path)) setTimes(join(path, name), atS)
  chmodSync(path, stat.isDirectory() || (stat.mode & 0o100) !== 0 ? 0o755 : 0o644)
  utimesSync(path, atS, atS)
}

function fail(text) {
  console.error(`package: ${text}`)
  process.exit(1)
}
