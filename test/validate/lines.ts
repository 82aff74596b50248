/** Every line of the validation, in the order of the table. A new model adds a file in `lines/` and its name here. */
import type { Line } from './line.ts'
import { balance } from './lines/balance.ts'
import { bloom } from './lines/bloom.ts'
import { conversions } from './lines/conversions.ts'
import { degreeDays } from './lines/degree-days.ts'
import { deviceCommands } from './lines/device-commands.ts'
import { deviceMessages } from './lines/device-messages.ts'
import { disease } from './lines/disease.ts'
import { dualKc } from './lines/dual-kc.ts'
import { et0Daily } from './lines/et0-daily.ts'
import { et0Forecast } from './lines/et0-forecast.ts'
import { et0Gaps } from './lines/et0-gaps.ts'
import { et0Product } from './lines/et0-product.ts'
import { fao56 } from './lines/fao56.ts'
import { maricopaDepletion } from './lines/maricopa-depletion.ts'
import { pestEvents } from './lines/pest-events.ts'
import { flight } from './lines/pest-flight.ts'
import { quality } from './lines/quality.ts'
import { soilLimits } from './lines/soil-limits.ts'
import { soilMoisture } from './lines/soil-moisture.ts'
import { yieldLine } from './lines/yield.ts'

export const lines: readonly Line[] = [
  et0Daily,
  et0Product,
  et0Gaps,
  et0Forecast,
  fao56,
  balance,
  dualKc,
  maricopaDepletion,
  soilLimits,
  degreeDays,
  pestEvents,
  flight,
  bloom,
  quality,
  soilMoisture,
  conversions,
  disease,
  yieldLine,
  deviceMessages,
  deviceCommands,
]
