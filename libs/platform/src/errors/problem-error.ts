/** One field at fault: `field` as a path (`body.fps`, `query.limit`), `expected` says what it should have been. */
export type ProblemField = { field: string; expected: string };

/** RFC 9457, as sent with `application/problem+json`. */
export type ProblemDetails = {
  /** `urn:rushes:problem:<code>` */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** Stable, for programs. */
  code: string;
  errors?: readonly ProblemField[];
  requestId?: string;
};

/** An answer other than success, on HTTP and at WebSocket upgrades alike. `detail` is shown to the caller: no secrets. */
export class ProblemError extends Error {
  /** Whether the same request may succeed later. */
  readonly retriable: boolean;

  /**
   * @param status HTTP status, 400 to 599
   * @param code kebab-case, stable: `recording-not-found`
   */
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly fields: readonly ProblemField[] = [],
    readonly options: ErrorOptions & { headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(`${code}: ${detail}`, options);
    this.name = 'ProblemError';
    this.retriable = status === 429 || status === 503;
  }

  toDetails(requestId?: string): ProblemDetails {
    return {
      type: `urn:rushes:problem:${this.code}`,
      title: titles[this.status] ?? 'Error',
      status: this.status,
      detail: this.detail,
      code: this.code,
      ...(this.fields.length === 0 ? {} : { errors: this.fields }),
      ...(requestId === undefined ? {} : { requestId }),
    };
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content too large',
  415: 'Unsupported media type',
  416: 'Range not satisfiable',
  422: 'Unprocessable',
  426: 'Upgrade required',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not available',
};
