// Joins hundreds of small files into a few, because a start of the server spends most of its time on opening and linking
// them. Part of `npm run build`, after tsc. Packages are joined in dist/node_modules, where the built server finds them
// first. Our own files are joined in dist/services/main.js; the others stay for threads and command-line programs.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { build } from 'vite'

// one that imports another comes before it
const packages = ['better-auth', 'kysely', 'typebox']
const target = 'dist/node_modules'
const importing = ['dist/broker', 'dist/services', 'dist/firmware-sim', target]
// a process keeps the text of its modules: without comments it is half as long, and in ASCII V8 needs one byte a character
const minify = (removeWhitespace) => ({
  compress: false,
  mangle: false,
  codegen: { removeWhitespace, asciiOnly: true, legalComments: 'inline' },
})
const IMPORT = /(?:from|import)\s*\(?\s*['"]([^'".][^'"]*)['"]/g

const isOf = (name, path) => path === name || path.startsWith(`${name}/`)

/** The paths of a package that the built code imports. */
function importedPaths(name) {
  const paths = new Set()
  for (const folder of importing.filter(existsSync))
    for (const file of readdirSync(folder, { recursive: true }))
      if (file.endsWith('.js'))
        for (const [, path] of readFileSync(join(folder, file), 'utf8').matchAll(IMPORT))
          if (isOf(name, path)) paths.add(path)
  return [...paths]
}

async function joinPackage(name) {
  const paths = importedPaths(name)
  const fileOf = (path) => (path === name ? 'index' : path.slice(name.length + 1).replaceAll('/', '-'))
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      outDir: join(target, name),
      ssr: true,
      target: 'node20',
      rolldownOptions: {
        input: Object.fromEntries(paths.map((path) => [fileOf(path), path])),
        // one copy of each: these packages import each other
        external: (id) => packages.some((other) => other !== name && isOf(other, id)),
        output: { entryFileNames: '[name].js', chunkFileNames: 'part-[hash].js', minify: minify(true) },
      },
    },
  })
  const exports = Object.fromEntries(
    paths.map((path) => [path === name ? '.' : `.${path.slice(name.length)}`, `./${fileOf(path)}.js`]),
  )
  writeFileSync(
    join(target, name, 'package.json'),
    JSON.stringify({ name, type: 'module', exports }, null, 2),
  )
}

const PART = /^part-.*\.js(\.map)?$/

async function joinServer() {
  const folder = 'dist/services'
  for (const file of readdirSync(folder)) if (PART.test(file)) rmSync(join(folder, file))
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [keepOwnPlaces(folder)],
    build: {
      outDir: folder,
      emptyOutDir: false,
      sourcemap: true,
      ssr: true,
      target: 'node20',
      rolldownOptions: {
        input: join(folder, 'main.js'),
        external: (id) => !id.startsWith('.') && !id.startsWith('/'),
        // with its lines: a stack of the log names them
        output: { entryFileNames: '[name].js', chunkFileNames: 'part-[hash].js', minify: minify(false) },
      },
    },
  })
}

/** A module that asks for its own place, for its thread or its data files, still gets that of its own file. */
const keepOwnPlaces = (folder) => ({
  name: 'keep-own-places',
  transform(code, id) {
    const path = relative(resolve(folder), id).replaceAll('\\', '/')
    const places = {
      url: `new URL('${path}', import.meta.url).href`,
      filename: `(import.meta.dirname + '/${path}')`,
      dirname: `(import.meta.dirname + '/${dirname(path)}')`,
    }
    // a line stays a line: the map of the build needs no change
    return {
      code: code.replace(/import\.meta\.(url|filename|dirname)\b/g, (_all, name) => places[name]),
      map: null,
    }
  },
})

rmSync(target, { recursive: true, force: true })
for (const name of packages) await joinPackage(name)
await joinServer()
