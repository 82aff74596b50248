/** The pest control service as the API uses it; services/plan implements it. */
import type { Static } from 'typebox'
import type { Result } from '../../../broker/contract/result.ts'
import type { AtMs, Day } from '../../../broker/contract/time.ts'
import type { PestNeed } from '../../domain/needs-today.ts'
import type { State } from '../../ports.ts'
import type { ForecastResponse } from '../../ports/forecast.ts'
import type {
  DiseaseDayRow,
  FarmRow,
  DegreeDayTrackerRow,
  PestEconomicsRow,
  SeasonRow,
  SprayWeather,
  TreatmentRow,
} from '../../tables.ts'
import type {
  EditTreatment,
  NewTreatment,
  PestControlView,
  TreatmentDone,
} from '../pests/treatment-schemas.ts'
import type { SprayView } from '../pests/pest-schemas.ts'
import type { ImportPreview } from '../pests/product-schemas.ts'

type Rejection = { code: 'NOT_FOUND' | 'BAD_REQUEST' | 'CONFLICT'; message: string }
type Outcome<T> = Result<T, Rejection>
type Changes = Partial<TreatmentRow>

/** A table that was read; only the service knows its rows. */
export interface ReadProducts {
  hash: string
}
export type ImportSource = { format: 'csv' | 'json'; text: string } | 'demo'

/** A field with its proposals and their inputs. */
export interface FieldThreats {
  fieldId: string
  fieldName: string
  timeZone: string
  today: Day
  proposals: Pick<
    PestControlView['proposals'][number],
    'target' | 'kind' | 'action' | 'key' | 'params' | 'fromDay' | 'toDay'
  >[]
  watches: DegreeDayTrackerRow[]
  diseaseDays: DiseaseDayRow[] // in order
  economics: PestEconomicsRow[]
  sprays: Omit<Static<typeof SprayView>, 'fieldId' | 'fieldName'>[]
}

/** `Ahead`: the weather that treatments are checked against, opaque to the API. */
export interface PestService<Ahead = unknown> {
  field(
    org: string,
    fieldId: string,
  ): Promise<(Omit<PestControlView, 'treatments'> & { treatments: TreatmentRow[] }) | null>
  /** null: no hourly forecast */
  sprayToday(
    forecast: ForecastResponse | null,
    farm: Pick<FarmRow, 'latDeg' | 'lonDeg' | 'elevationM' | 'timeZone'>,
    nowMs: AtMs,
  ): { fromMs: AtMs; toMs: AtMs; verdict: 'allowed' | 'marginal' }[] | null
  /** of every field, from stored results only */
  overview(org: string): Promise<FieldThreats[]>
  /** what is to be treated or looked for now, by field, from stored results only */
  due(org: string, fieldId?: string): Promise<ReadonlyMap<string, readonly PestNeed[]>>
  /** whether the crop of a season may be harvested on a day of its farm's `timeZone` */
  preHarvestStatus(
    state: State,
    seasonId: string,
    day: Day,
    timeZone: string,
  ): Promise<PestControlView['preHarvest']>
  forecast(org: string, fieldId: string): Promise<Ahead | null>
  draft(
    rows: State,
    org: string,
    id: string,
    actor: string,
    draft: Static<typeof NewTreatment>,
    ahead: Ahead | null,
  ): Promise<Outcome<TreatmentRow>>
  /** a past treatment with its record to confirm; `season`: the current one, or the next planted */
  recordPast(
    rows: State,
    author: { org: string; id: string; actor: string },
    spray: Static<typeof NewTreatment>,
    then: { season: SeasonRow; timeZone: string; weather: SprayWeather | null },
  ): Promise<Outcome<TreatmentRow>>
  /** a draft after a person's change */
  redraft(
    rows: State,
    treatment: TreatmentRow,
    changes: Omit<Static<typeof EditTreatment>, 'alsoIn' | 'reason'>,
    ahead: Ahead | null,
  ): Promise<Outcome<Changes>>
  /** a copy of a draft for one more field */
  draftForField(
    rows: State,
    like: TreatmentRow,
    author: { id: string; actor: string; fieldId: string },
    ahead: Ahead | null,
  ): Promise<Outcome<TreatmentRow>>
  confirm(
    rows: State,
    treatment: TreatmentRow,
    actor: string,
    accepts: readonly string[],
    ahead: Ahead | null,
  ): Promise<Outcome<Changes>>
  weatherNear(of: Pick<TreatmentRow, 'org' | 'fieldId'>, atMs: AtMs): Promise<SprayWeather | null>
  complete(
    rows: State,
    treatment: TreatmentRow,
    entry: Static<typeof TreatmentDone>,
    weather: SprayWeather | null,
  ): Promise<Outcome<Changes>>
  confirmRecord(treatment: TreatmentRow, actor: string): Outcome<Changes>
  voidTreatment(treatment: TreatmentRow, actor: string, reason: string): Outcome<Changes>
  previewImport(org: string, source: ImportSource): Promise<Result<Static<typeof ImportPreview>>>
  /** Before the transaction of `importProducts`: it takes a while. */
  readProducts(source: ImportSource): Promise<Result<ReadProducts>>
  importProducts(
    rows: State,
    author: { org: string; actor: string; atMs: AtMs },
    products: ReadProducts,
    preview: { hash: string; leaveOut: number },
  ): Promise<Result<{ imported: number; leftOut: number }>>
}

declare module '../http/context.ts' {
  interface ApiDeps {
    /** Proposals, products and treatments (services/plan/pest). */
    pests: PestService
  }
}
