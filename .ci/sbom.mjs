// Prints the packages that a farm runs as CycloneDX 1.5.
import { shippedPackages, tilth } from './packages.mjs'

const components = shippedPackages().map(({ name, version, integrity, licence, isOptional }) => {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    scope: isOptional ? 'optional' : 'required',
    hashes: [
      { alg: 'SHA-512', content: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex') },
    ],
    licenses: [licenceOf(licence)],
  }
})

process.stdout.write(
  `${JSON.stringify(
    {
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      version: 1,
      metadata: {
        component: {
          type: 'application',
          'bom-ref': `tilth@${tilth.version}`,
          name: 'tilth',
          version: tilth.version,
        },
      },
      components,
    },
    null,
    2,
  )}\n`,
)

/** An SPDX id, an SPDX expression, or the package's own text. */
function licenceOf(text) {
  if (text === null) return { license: { name: 'not stated' } }
  return / (AND|OR|WITH) /.test(text) ? { expression: text } : { license: { id: text } }
}
