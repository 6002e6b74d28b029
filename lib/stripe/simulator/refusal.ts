/** What the simulator answers instead of success, in Stripe's form. */
export class StripeRefusal extends Error {
  override name = "StripeRefusal";
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Parameters were refused before the endpoint ran: an idempotency key isn't spent on it. */
  readonly beforeRun: boolean;

  constructor(
    message: string,
    options: {
      status?: number;
      type?: string;
      code?: string;
      param?: string;
      headers?: Readonly<Record<string, string>>;
      beforeRun?: boolean;
    } = {},
  ) {
    super(message);
    this.status = options.status ?? 400;
    this.type = options.type ?? "invalid_request_error";
    this.code = options.code ?? null;
    this.param = options.param ?? null;
    this.headers = options.headers ?? {};
    this.beforeRun = options.beforeRun ?? false;
  }

  body(): Record<string, unknown> {
    return {
      error: {
        type: this.type,
        message: this.message,
        ...(this.code === null ? {} : { code: this.code }),
        ...(this.param === null ? {} : { param: this.param }),
      },
    };
  }
}

export function noSuch(what: string, id: string, param = "id"): StripeRefusal {
  return new StripeRefusal(`No such ${what}: '${id}'`, {
    status: param === "id" ? 404 : 400,
    code: "resource_missing",
    param,
  });
}

export function invalid(message: string, param?: string, code?: string): StripeRefusal {
  return new StripeRefusal(message, {
    ...(param === undefined ? {} : { param }),
    ...(code === undefined ? {} : { code }),
  });
}
