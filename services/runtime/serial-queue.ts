/**
 * One piece of work at a time, in the order in which it was heard; but what a person asks for stands before the words of
 * controllers that still wait. To a controller's word that is no more than a slower network, and a STOP waits for nobody.
 */

export interface SerialQueue {
  /** Resolves when it is done; rejects as it does, and the line goes on. */
  enqueue(work: () => Promise<void>): Promise<void>
  /** Before all that was added and has not begun, behind what came this way before. */
  enqueueUrgent(work: () => Promise<void>): Promise<void>
  /** Whether something waits behind what is being done. */
  isWaiting(): boolean
  /** Resolves when nothing waits any more. */
  settled(): Promise<void>
}

export function serialQueue(): SerialQueue {
  const urgent: (() => Promise<void>)[] = []
  const waiting: (() => Promise<void>)[] = []
  let running: Promise<void> | null = null

  async function run(): Promise<void> {
    for (let next = urgent.shift() ?? waiting.shift(); next; next = urgent.shift() ?? waiting.shift())
      await next()
    running = null
  }

  const addTo = (line: (() => Promise<void>)[], work: () => Promise<void>) =>
    new Promise<void>((resolve, reject) => {
      line.push(() => work().then(resolve, reject))
      running ??= run()
    })

  return {
    enqueue: (work) => addTo(waiting, work),
    enqueueUrgent: (work) => addTo(urgent, work),
    isWaiting: () => urgent.length > 0 || waiting.length > 0,
    async settled() {
      while (running) await running
    },
  }
}
