/** A person sees whether a valve opens and water comes: a short start by hand, told apart from watering in every record. */

/** Of a run by the name of its plan, of an irrigation by its cause. */
export const VALVE_TEST = 'test'
/** Long enough to hear the water and to come to the first pulses of a meter. */
export const TEST_MINUTES = 0.5
