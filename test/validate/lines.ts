/** Every line of the validation, in the order of the table. A new model brings a file in `lines/` and its name here. */
import type { Line } from './line.ts'
import { balance } from './lines/balance.ts'
import { degreeDays } from './lines/degree-days.ts'
import { et0Daily } from './lines/et0-daily.ts'
import { et0Gaps } from './lines/et0-gaps.ts'
import { et0Product } from './lines/et0-product.ts'
import { fao56 } from './lines/fao56.ts'
import { pestEvents } from './lines/pest-events.ts'

export const lines: readonly Line[] = [et0Daily, et0Product, et0Gaps, fao56, balance, degreeDays, pestEvents]
