/** Property tests draw the same values on every run; a counterexample is found again by everyone. */
import fc from 'fast-check'

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20_261_125 })
