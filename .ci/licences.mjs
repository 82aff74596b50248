// Writes docs/licences.md: the licence of each package that a farm runs, as the packages state it.
import { writeFileSync } from 'node:fs'
import { format } from 'prettier'
import { shippedPackages } from './packages.mjs'

const shipped = shippedPackages()
const licenceOf = ({ licence }) => licence ?? 'not stated in its package.json'
const counts = new Map()
for (const item of shipped) counts.set(licenceOf(item), (counts.get(licenceOf(item)) ?? 0) + 1)
const summary = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))

const text = `# Licences

Tilth is under the [Apache License 2.0](../LICENSE). A farm runs it with the packages below; those marked "page" are part
of the dashboard, those marked "Node 20" are needed there only. \`npm run licences\` writes this page from the lock file.

| licence | packages |
| --- | --- |
${summary.map(([licence, count]) => `| ${licence} | ${count} |`).join('\n')}

| package | version | licence | |
| --- | --- | --- | --- |
${shipped.map((item) => `| ${item.name} | ${item.version} | ${licenceOf(item)} | ${item.isInPage ? 'page' : item.isOptional ? 'Node 20' : ''} |`).join('\n')}
`
writeFileSync(new URL('../docs/licences.md', import.meta.url), await format(text, { parser: 'markdown' }))
