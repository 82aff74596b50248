/**
 * Progress of a long command, with the time left. On a terminal a bar is rewritten in place; elsewhere a line is
 * printed every 10 %, so that a log stays short.
 */
const BAR_WIDTH = 20
const REDRAW_EVERY_MS = 100
// before this share is done, an estimate of the rest is a guess
const ESTIMATE_FROM = 0.02
const CLEAR_LINE = '\r\u001B[K'

export interface Progress {
  label: string
  /** 0-1 */
  share: number
  elapsedMs: number
  /** such as the day or the count reached */
  detail?: string
}

export interface ProgressOutput {
  write(text: string): unknown
  isTTY?: boolean
  columns?: number
}

export interface ProgressBar {
  /** Sets the progress, 0 to 1, and its description. */
  update(share: number, detail?: string): void
  /** Prints a line of its own, such as a warning, without breaking the bar. */
  print(text: string): void
  /** Clears the bar while `write` writes to another stream of the same terminal, then draws it again. */
  aside(write: () => void): void
  /** Ends the bar: on a terminal its line is cleared. */
  stop(): void
}

/** Starts at 0 %. `nowMs` is monotonic. */
export function progressBar(
  label: string,
  {
    output = process.stdout as ProgressOutput,
    nowMs = () => performance.now(),
  }: { output?: ProgressOutput; nowMs?: () => number } = {},
): ProgressBar {
  const startMs = nowMs()
  const isTerminal = output.isTTY === true
  let shownMs = -Infinity
  let shownTenths = 0
  let line = ''

  function draw(progress: Progress): void {
    if (nowMs() - shownMs < REDRAW_EVERY_MS && progress.share < 1) return
    shownMs = nowMs()
    line = formatBar(progress).slice(0, (output.columns ?? 80) - 1)
    output.write(CLEAR_LINE + line)
  }

  return {
    update(share, detail) {
      const progress: Progress = {
        label,
        share: Math.min(1, Math.max(0, share)),
        elapsedMs: nowMs() - startMs,
        ...(detail === undefined ? {} : { detail }),
      }
      if (isTerminal) return draw(progress)
      const tenths = Math.floor(progress.share * 10 + 1e-9)
      if (tenths <= shownTenths) return
      shownTenths = tenths
      output.write(`${formatLine(progress)}\n`)
    },
    print(text) {
      output.write(isTerminal ? `${CLEAR_LINE}${text}\n${line}` : `${text}\n`)
    },
    aside(write) {
      if (isTerminal && line !== '') output.write(CLEAR_LINE)
      write()
      if (isTerminal && line !== '') output.write(line)
    },
    stop() {
      if (isTerminal && line !== '') output.write(CLEAR_LINE)
      line = ''
    },
  }
}

/** One line without a bar: `season  40 %  2026-06-18  12 s left`. */
export function formatLine({ label, share, elapsedMs, detail }: Progress): string {
  const leftMs = remainingMs(share, elapsedMs)
  return [
    label,
    `${String(Math.floor(share * 100 + 1e-9)).padStart(3)} %`,
    ...(detail === undefined ? [] : [detail]),
    ...(leftMs === null
      ? []
      : [share === 1 ? `in ${formatDuration(elapsedMs)}` : `${formatDuration(leftMs)} left`]),
  ].join('  ')
}

/** The same line with a bar of 20 characters after the label. */
export function formatBar(progress: Progress): string {
  const full = Math.floor(progress.share * BAR_WIDTH + 1e-9)
  const bar = '#'.repeat(full) + '-'.repeat(BAR_WIDTH - full)
  return formatLine({ ...progress, label: `${progress.label}  [${bar}]` })
}

/** Time left at the mean speed so far, ms; null while too little is done for an estimate. */
export function remainingMs(share: number, elapsedMs: number): number | null {
  return share < ESTIMATE_FROM ? null : (elapsedMs * (1 - share)) / share
}

/** `12 s`, `3 min 20 s` or `1 h 5 min`. */
export function formatDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
