/** A server, or several that are one service. What it stored and its port stay the same when it is started again. */
export type Service = {
  /** Where it is reached, for people. */
  readonly address: string;
  /** Of its process (a cluster: of its first node's); undefined when it does not run. */
  readonly pid: number | undefined;
  readonly isRunning: boolean;
  /** Starts it and resolves when it answers. Does nothing but check that if it runs. */
  start(): Promise<void>;
  /** Ends it in good order. */
  stop(): Promise<void>;
  /** Ends it as a crash does (SIGKILL). */
  kill(): Promise<void>;
};

/** What every service needs to know of its surroundings. */
export type ServiceContext = {
  /** Of the whole set; each service makes its own below it. */
  folder: string;
  endsWithParent: boolean;
  onChange: () => void;
};
