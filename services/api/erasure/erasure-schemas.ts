/** Bodies of erasures: the name of what is erased, as confirmation. */
import { Form, Line } from '../http/validation/schema-primitives.ts'

export const EraseFarm = Form({ name: Line(120) })
export const EraseMember = Form({ name: Line(200) })
