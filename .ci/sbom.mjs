// Prints the packages that a farm runs as CycloneDX 1.5: what `npm ci --omit=dev` may install, on whatever machine, from
// the lock file alone. (`npm sbom --omit=dev` of npm 11 leaves out what a development package needs as well.)
import { readFileSync } from 'node:fs'

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'))
const { '': own, ...others } = packages

const components = new Map()
for (const [path, { version, integrity, license, dev, optional }] of Object.entries(others)) {
  if (dev) continue
  const name = path.split('node_modules/').at(-1)
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  components.set(purl, {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    scope: optional ? 'optional' : 'required',
    hashes: [
      { alg: 'SHA-512', content: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex') },
    ],
    licenses: [licenceOf(license)],
  })
}

process.stdout.write(
  `${JSON.stringify(
    {
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      version: 1,
      metadata: {
        component: {
          type: 'application',
          'bom-ref': `tilth@${own.version}`,
          name: 'tilth',
          version: own.version,
        },
      },
      components: [...components.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1)),
    },
    null,
    2,
  )}\n`,
)

/** An SPDX id, an SPDX expression, or the package's own text. */
function licenceOf(text) {
  if (text === undefined) return { license: { name: 'not stated' } }
  return / (AND|OR|WITH) /.test(text) ? { expression: text } : { license: { id: text } }
}
