/** Property tests use the same seed on every run: a counterexample is reproducible. */
import fc from 'fast-check'

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20_261_125 })
