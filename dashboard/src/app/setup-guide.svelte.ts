/** Where a person has left the guide to the first water: kept on this phone until water has flowed. */
import { permissions } from './permissions.svelte.ts'

interface Kept {
  fieldId: string
  later: string[]
  isDecided: boolean
}
const none: Kept = { fieldId: '', later: [], isDecided: false }

class SetUpGuide {
  /** undefined: not read yet */
  #changed = $state.raw<Kept | null | undefined>(undefined)

  /** Null: not begun on this phone, or over. */
  get kept(): Kept | null {
    return this.#changed === undefined ? read(this.#key) : this.#changed
  }
  // another organisation opens another page
  get #key(): string {
    return `tilth-set-up ${permissions.me?.org.id ?? ''}`
  }

  change(change: Partial<Kept>): void {
    this.#store({ ...none, ...this.kept, ...change })
  }

  /** Water has flowed. */
  end(): void {
    this.#store(null)
  }

  #store(kept: Kept | null): void {
    this.#changed = kept
    try {
      if (kept === null) localStorage.removeItem(this.#key)
      else localStorage.setItem(this.#key, JSON.stringify(kept))
    } catch {
      // without storage the guide begins at the first step that is not done
    }
  }
}

function read(key: string): Kept | null {
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? 'null') as Partial<Kept> | null
    if (typeof stored !== 'object' || stored === null) return null
    const { fieldId, later, isDecided } = stored
    return {
      fieldId: typeof fieldId === 'string' ? fieldId : '',
      later: Array.isArray(later) ? later.filter((step) => typeof step === 'string') : [],
      isDecided: isDecided === true,
    }
  } catch {
    return null
  }
}

export const setUpGuide = new SetUpGuide()
