import type { BatchItem } from "./rate_batch.ts";
import type { RatingBody } from "./rate_one.ts";

/**
 * Texts of risk scores. The score of an instrument stays one object from call to call, and writing
 * its numbers costs more than all else in an answer, so it is written once.
 */
const scoreTexts = new WeakMap<object, string>();

/** A rating as JSON text. */
export function ratingJson({ risk_score, ...others }: RatingBody): string {
  const text = JSON.stringify(others);
  if (risk_score === undefined) return text;
  let scoreText = scoreTexts.get(risk_score);
  if (scoreText === undefined) {
    scoreText = JSON.stringify(risk_score);
    scoreTexts.set(risk_score, scoreText);
  }
  return `${text.slice(0, -1)},"risk_score":${scoreText}}`;
}

/** The answer to a batch as JSON text. */
export function batchJson(items: readonly BatchItem[]): string {
  const texts = items.map((item) =>
    item.ok
      ? `{"index":${item.index},"ok":true,"rating":${ratingJson(item.rating)}}`
      : JSON.stringify(item)
  );
  return `{"items":[${texts.join(",")}]}`;
}
