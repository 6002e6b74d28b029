import { SAMPLE_INSTRUMENTS, sampleCloses } from "@/lib/sandbox/samples.ts";

/** Synthetic daily closes that end before a fixed day. */
export function closesOf(days: number) {
  const [instrument] = SAMPLE_INSTRUMENTS;
  if (instrument === undefined) throw new Error("There is a first sample");
  return sampleCloses(instrument, { endMs: Date.UTC(2026, 10, 20), days });
}
