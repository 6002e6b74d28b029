import { sendEvents } from "./events.ts";
import {
  extendHistory,
  readInstrument,
  readPrice,
  replaceHistory,
  writeInstrument,
  writeList,
  writeQuote,
  writeQuotes,
} from "./market_data.ts";
import type { Operation } from "./operation.ts";
import {
  checkIdentifiers,
  rateInstrument,
  rateInstruments,
  readMethod,
  readMethods,
  screenNames,
} from "./ratings.ts";
import { readBillingPreview, readPlan, readUsage } from "./usage.ts";

/** Every operation of the tenant API, in the order of the documentation. */
export const OPERATIONS: readonly Operation[] = [
  rateInstrument,
  rateInstruments,
  readMethods,
  readMethod,
  readPrice,
  writeQuote,
  writeQuotes,
  replaceHistory,
  extendHistory,
  readInstrument,
  writeInstrument,
  checkIdentifiers,
  writeList,
  screenNames,
  readUsage,
  readPlan,
  readBillingPreview,
  sendEvents,
];
