/**
 * Notices a server that is frozen: its machine accepts connections and nobody answers on them. A statement would wait for
 * its time limit, and a person who presses STOP with it. While a connection is in use for longer than a statement takes, a new
 * one is tried; when the server does not answer it, every statement fails at once, until it answers again.
 */
import pg from 'pg'

const SECOND_MS = 1_000
const IN_USE_MS = 2 * SECOND_MS
const ANSWER_WITHIN_MS = 3 * SECOND_MS

export interface SilentServer {
  /** A connection of the pool is in use from now on, until it is released. */
  watch(client: pg.PoolClient): void
  /** Throws while the server does not answer. */
  check(): void
  stop(): void
}

/** Watches the server of `url`. */
export function noticeSilence(url: string): SilentServer {
  const inUse = new Map<pg.PoolClient, number>()
  let isSilent = false
  let isAsking = false
  const timer = setInterval(() => void look(), SECOND_MS)
  timer.unref()

  async function look(): Promise<void> {
    const [oldest] = inUse.values()
    const isLong = oldest !== undefined && performance.now() - oldest > IN_USE_MS
    if (isAsking || !(isSilent || isLong)) return
    isAsking = true
    isSilent = !(await answers(url))
    isAsking = false
    if (isSilent) for (const client of inUse.keys()) streamOf(client).destroy(new Error(SILENT))
  }

  return {
    watch(client) {
      inUse.set(client, performance.now())
      const release = client.release.bind(client)
      client.release = (error) => {
        inUse.delete(client)
        release(error)
      }
    },
    check() {
      if (isSilent) throw Object.assign(new Error(SILENT), { code: 'ETIMEDOUT' })
    },
    stop: () => clearInterval(timer),
  }
}

const SILENT = 'the server does not answer'

/** Any answer counts, also a refusal; and so does a port that is closed, of which each connection learns by itself. */
async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: ANSWER_WITHIN_MS })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch (error) {
    return !/timeout/i.test((error as Error).message)
  } finally {
    // of a server that does not answer nothing is waited for
    streamOf(client).destroy()
  }
}

const streamOf = (client: pg.ClientBase): { destroy(error?: Error): void } =>
  (client as unknown as { connection: { stream: { destroy(error?: Error): void } } }).connection.stream
