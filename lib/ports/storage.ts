/**
 * The store gave no answer in time. A write that throws this may or may not have happened, and may
 * even happen later; nothing is promised until it has been read back.
 */
export class StorageUnavailable extends Error {
  override name = "StorageUnavailable";
}
