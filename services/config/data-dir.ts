/** Checks that DATA_DIR exists, is writable and responds, before anything opens a file in it. */
import { access, constants, mkdir } from 'node:fs/promises'
import { fail } from '../errors.ts'

const RESPOND_WITHIN_MS = 10_000

/** Creates the folder where it is missing. INVALID_CONFIG with the reason. */
export async function checkDataDir(
  dataDir: string,
  { withinMs = RESPOND_WITHIN_MS, open = openFolder } = {},
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  // file calls on an unreachable network drive never return: only a timer can report it
  const timeout = new Promise<null>((resolve) => (timer = setTimeout(resolve, withinMs, null)))
  const outcome = await Promise.race([open(dataDir), timeout])
  clearTimeout(timer)
  if (outcome === null)
    fail(
      'INVALID_CONFIG',
      `DATA_DIR ${dataDir} does not respond within ${withinMs / 1000} s; is a network drive disconnected?`,
    )
  if (outcome instanceof Error)
    fail(
      'INVALID_CONFIG',
      `DATA_DIR must be a folder that Tilth may write to, got ${dataDir} (${outcome.message})`,
      { cause: outcome },
    )
}

/** Writes nothing: on a full disk Tilth must still start, to close valves. */
async function openFolder(dataDir: string): Promise<'writable' | Error> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await access(dataDir, constants.W_OK | constants.X_OK)
    return 'writable'
  } catch (error) {
    return error as Error
  }
}
