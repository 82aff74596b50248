/** Every kind of model, by its name in the rows of catalogue.ts. */
import { appleScab } from './apple-scab.ts'
import { botrytis } from './botrytis.ts'
import { downyMildew } from './downy-mildew.ts'
import { epirice } from './epirice.ts'
import { genericInfection } from './generic-infection.ts'
import { headBlight } from './head-blight.ts'
import { humidDays } from './humid-days.ts'
import { blitecast } from './late-blight.ts'
import { leafBlast } from './leaf-blast.ts'
import type { Model } from './model.ts'
import { earlyBlight } from './potato-days.ts'
import { powderyMildew } from './powdery-mildew.ts'
import { tarSpot } from './tar-spot.ts'
import { tomcast } from './tomcast.ts'

export const models = {
  'apple-scab': appleScab,
  botrytis,
  'three-ten': downyMildew,
  epirice,
  'generic-infection': genericInfection,
  'head-blight': headBlight,
  'humid-days': humidDays,
  blitecast,
  blastam: leafBlast,
  'potato-days': earlyBlight,
  'gubler-thomas': powderyMildew,
  'tar-spot': tarSpot,
  tomcast,
}

export type ModelKind = keyof typeof models
type ParamsOf<M> = M extends Model<infer Params> ? Params : never

/** A kind with its parameters. */
export type ModelChoice = {
  [Kind in ModelKind]: { model: Kind; params: ParamsOf<(typeof models)[Kind]> }
}[ModelKind]

/** The type of the parameters is lost: pass `params` of the same row. */
export const modelOf = (choice: ModelChoice): Model<object> => models[choice.model] as Model<object>
