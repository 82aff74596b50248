/** Runs in the worker threads of `shapes-reader.ts`: reads the features of a file and matches them to fields. */
import { ok } from '../../../broker/contract/result.ts'
import { runSync } from '../../runtime/cooperative.ts'
import { serveRequests } from '../../runtime/worker-entry.ts'
import { matchFeatures } from './match-shapes.ts'
import { readFeatures } from './read-shapes.ts'
import type { ShapesRequest, ShapesResult } from './shapes-reader.ts'

serveRequests(({ text, fields, assigned, makesNew }: ShapesRequest): ShapesResult => {
  const file = runSync(readFeatures(text))
  if (!file.ok) return file
  const { hash, count } = file.value
  return ok({ hash, count, ...matchFeatures(file.value, fields, assigned, makesNew) })
})
