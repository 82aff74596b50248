/** Runs in the worker threads of `product-reader.ts`: parses a table of products. */
import { serveRequests } from '../../../runtime/worker-entry.ts'
import { parseProducts } from './product-import.ts'
import type { ProductText } from './product-reader.ts'

serveRequests(({ format, text }: ProductText) => parseProducts(format, text))
