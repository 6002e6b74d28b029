import { ProviderError } from "./billing_provider.ts";

/** Thrown by every outward or period-moving act of an instance that only looks: a preview. */
export class NotActing extends ProviderError {
  override name = "NotActing";

  constructor() {
    super(
      "preview_instance",
      "This instance is a preview: it sends nothing to Stripe or anybody, and moves no period",
    );
  }
}
