/** The only source of time for use cases. */
export interface Clock {
  /** Epoch milliseconds, UTC. */
  nowMs(): number;
}
