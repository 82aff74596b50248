/**
 * Runs one task at a time, in the order of arrival. Urgent tasks, the requests of people, go before the waiting
 * messages of controllers: for a controller that is only a slower network, and a STOP must not wait.
 */

export interface SerialQueue {
  /** Resolves with the result of the task; a rejection does not stop the queue. */
  enqueue<T>(task: () => Promise<T> | T): Promise<T>
  /** Before all tasks that have not started, after earlier urgent ones. */
  enqueueUrgent<T>(task: () => Promise<T> | T): Promise<T>
  /** Whether a task waits behind the running one. */
  isWaiting(): boolean
  /** Resolves when the queue is empty. */
  settled(): Promise<void>
}

/** An idle queue starts a task at once. A task must not wait for another task of its own queue. */
export function serialQueue(): SerialQueue {
  const urgent: (() => Promise<void>)[] = []
  const tasks: (() => Promise<void>)[] = []
  let isRunning = false
  let running = Promise.resolve()

  async function run(): Promise<void> {
    for (let next = urgent.shift() ?? tasks.shift(); next; next = urgent.shift() ?? tasks.shift())
      await next()
    isRunning = false
  }

  const addTo = <T>(list: (() => Promise<void>)[], task: () => Promise<T> | T) =>
    new Promise<T>((resolve, reject) => {
      list.push(async () => {
        try {
          resolve(await task())
        } catch (error) {
          reject(error as Error)
        }
      })
      if (isRunning) return
      isRunning = true
      running = run()
    })

  return {
    enqueue: (task) => addTo(tasks, task),
    enqueueUrgent: (task) => addTo(urgent, task),
    isWaiting: () => urgent.length > 0 || tasks.length > 0,
    async settled() {
      while (isRunning) await running
    },
  }
}
