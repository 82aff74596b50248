/** Runs at most `max` tasks concurrently; the others wait in order. */
export function limitConcurrency(atOnce: number): (run: () => Promise<void>) => Promise<void> {
  const queue: (() => void)[] = []
  let free = atOnce
  return async (run) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => queue.push(resolve))
    try {
      await run()
    } finally {
      const next = queue.shift()
      if (next) next()
      else free++
    }
  }
}
