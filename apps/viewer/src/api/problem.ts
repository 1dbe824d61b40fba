/** What the API says when it refuses (RFC 9457), or what kept it from being asked. */
export class ApiProblem extends Error {
  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly fields: readonly { field: string; expected: string }[] = [],
    options?: ErrorOptions,
  ) {
    super(`${title}: ${detail}`, options);
    this.name = 'ApiProblem';
  }

  /** Whether a new link is what helps. */
  get isAccess(): boolean {
    return this.status === 401 || this.status === 403;
  }

  static async from(response: Response): Promise<ApiProblem> {
    const body: unknown = await response.json().catch(() => undefined);
    const { title, detail, errors } = (typeof body === 'object' && body !== null ? body : {}) as Record<
      string,
      unknown
    >;
    return new ApiProblem(
      response.status,
      typeof title === 'string' ? title : `The server answered ${response.status}`,
      typeof detail === 'string' ? detail : 'It gave no reason.',
      Array.isArray(errors) ? (errors as { field: string; expected: string }[]) : [],
    );
  }

  static unreachable(cause: unknown): ApiProblem {
    return new ApiProblem(0, 'No answer', 'The server cannot be reached. Is it running?', [], { cause });
  }
}
