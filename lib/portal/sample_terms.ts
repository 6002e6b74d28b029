/** Apple's ISIN: the sandbox has a price history for it. */
const SAMPLE_ISIN = "US0378331005";

/** What snippets need to run as pasted. */
export function sampleTerms({ baseUrl }: { readonly baseUrl: string }) {
  return { baseUrl, isin: SAMPLE_ISIN };
}
