/** Whether this phone reaches the server, as the last request and the stream found. It says nothing of the farm. */
import type { Failure } from '../api/request.ts'

class Link {
  /** false: this phone has no connection */
  isUp = $state(true)
  /** the server answered, but not with data: its code */
  trouble = $state<string | null>(null)
  isSignedOut = $state(false)

  heard(): void {
    this.isUp = true
    this.trouble = null
  }

  failed(failure: Failure): void {
    if (failure.kind === 'network') this.isUp = false
    else {
      this.isUp = true
      if (failure.kind === 'signed-out') this.isSignedOut = true
      else if (failure.status >= 500) this.trouble = failure.code
    }
  }
}

export const link = new Link()
