import { z } from "zod";
import {
  type BillingProvider,
  ProviderError,
  type ProviderNotice,
} from "@/lib/ports/billing_provider.ts";
import { readSnapshotEvent, readThinEvent, SNAPSHOT_EVENTS, THIN_EVENTS } from "./notices.ts";
import { MAX_LISTED, type ProviderContext } from "./provider_context.ts";

export type EventReader = Pick<BillingProvider, "meterErrors" | "noticesSince">;

const PAGE = 100;

const report = z.object({
  id: z.string(),
  related_object: z.object({ id: z.string() }).nullish(),
  data: z.object({
    reason: z.object({
      error_count: z.number(),
      error_types: z.array(z.object({
        code: z.string(),
        sample_errors: z.array(z.object({
          error_message: z.string(),
          request: z.object({ identifier: z.string() }),
        })),
      })),
    }),
    validation_start: z.union([z.string(), z.date()]),
    validation_end: z.union([z.string(), z.date()]),
  }),
});

/** Events that Stripe keeps: error reports in full, and what webhooks may have lost. */
export function createEventReader({ client, logger }: ProviderContext): EventReader {
  return {
    async meterErrors(eventId) {
      const stripe = await client();
      const event = report.safeParse(await stripe.v2.core.events.retrieve(eventId));
      if (!event.success) {
        throw new ProviderError("not_an_error_report", `Event ${eventId} is no error report`);
      }
      const { data, id, related_object: meter } = event.data;
      return {
        eventId: id,
        stripeMeterId: meter?.id ?? null,
        startMs: new Date(data.validation_start).getTime(),
        endMs: new Date(data.validation_end).getTime(),
        errorCount: data.reason.error_count,
        samples: data.reason.error_types.flatMap(({ code, sample_errors: samples }) =>
          samples.map((sample) => ({
            code,
            identifier: sample.request.identifier,
            detail: sample.error_message,
          }))
        ),
      };
    },

    async noticesSince({ sinceMs, limit }) {
      const stripe = await client();
      const notices: ProviderNotice[] = [];
      const since = Math.floor(sinceMs / 1_000);
      const snapshots = stripe.events.list({
        created: { gte: since },
        types: [...SNAPSHOT_EVENTS],
        limit: PAGE,
      });
      // Newest first, and the oldest matter most: all are read before any are left out.
      for await (const event of snapshots) {
        const read = readSnapshotEvent(event);
        if (read !== null) notices.push(read.notice);
        if (notices.length < MAX_LISTED) continue;
        logger.warn("stripe_events_left_out", { sinceMs, read: notices.length });
        break;
      }
      const thin = stripe.v2.core.events.list({ types: [...THIN_EVENTS], limit: PAGE });
      for await (const event of thin) {
        const read = readThinEvent(event);
        if (read === null) continue;
        if (read.notice.createdAtMs < sinceMs) break;
        notices.push(read.notice);
      }
      // Reversed first: the sort is stable, and events of one second keep their order.
      return notices.reverse().sort((a, b) => a.createdAtMs - b.createdAtMs).slice(0, limit);
    },
  };
}
