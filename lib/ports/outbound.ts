/** Addresses of a host name, as the system's resolver gives them; empty when there are none. */
export interface NameResolver {
  addresses(hostname: string): Promise<readonly string[]>;
}

export interface OutboundRequest {
  readonly url: string;
  /** The address to connect to, whatever the name resolves to by then. */
  readonly address: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

export type OutboundAnswer =
  | {
    readonly ok: true;
    readonly status: number;
    readonly contentType: string;
    readonly text: string;
  }
  | {
    readonly ok: false;
    readonly code: "timeout" | "too_large" | "unreachable";
    readonly detail: string;
  };

/** One HTTP exchange with somebody else's server. A redirect is an answer like any other. */
export interface Outbound {
  send(request: OutboundRequest): Promise<OutboundAnswer>;
}
