/** The order and the columns of a table, kept on this device. */
import { parseTableChoice, pressed, type TableChoice } from './table-order.ts'

export interface KeptTableChoice {
  readonly value: TableChoice
  /** the person pressed the heading of a column */
  press(column: string): void
  /** shows or leaves out a column; a column that is left out no longer sorts */
  show(column: string, isShown: boolean): void
}

/** `name`: the table. */
export function keepTableChoice(name: string): KeptTableChoice {
  const key = `tilth-table ${name}`
  let value = $state.raw(parseTableChoice(read(key)))
  const choose = (next: TableChoice): void => {
    value = next
    try {
      localStorage.setItem(key, JSON.stringify(next))
    } catch {
      // without storage the choice lasts until the page closes
    }
  }
  return {
    get value() {
      return value
    },
    press: (column) => choose(pressed(value, column)),
    show(column, isShown) {
      const others = value.hidden.filter((hidden) => hidden !== column)
      const by = !isShown && value.by === column ? null : value.by
      choose({ ...value, by, hidden: isShown ? others : [...others, column] })
    },
  }
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
