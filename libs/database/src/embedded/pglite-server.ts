import { PGlite } from '@electric-sql/pglite';
import { Housekeeping } from './housekeeping.ts';
import { PgliteConnection } from './pglite-connection.ts';
import { endsInTransaction, notificationsIn, startsListening } from './wire-messages.ts';

type Waiter = { connection: PgliteConnection; proceed(): void };

export type PgliteServerOptions = {
  /** The cluster's folder; made at the first start. */
  folder: string;
  /** How long a query may wait for another connection's transaction. Milliseconds, default 30 000. */
  transactionWaitMs?: number;
};

/**
 * PGlite behind the PostgreSQL wire protocol, in memory: `pg` talks to it through {@link connect} as to a socket, so
 * that types, errors and pooling are those of a real server.
 *
 * PGlite is one backend. Connections take turns statement by statement; one that has opened a transaction keeps its
 * turn until it commits, rolls back or is closed. Session settings (`SET`) are shared by all connections: use `SET LOCAL`.
 */
export class PgliteServer {
  /** Whose turn it is: a connection's, or the server's own while it keeps house. */
  #owner: PgliteConnection | PgliteServer | undefined;
  readonly #waiters: Waiter[] = [];
  readonly #connections = new Set<PgliteConnection>();
  readonly #housekeeping: Housekeeping;
  #isListening = false;

  private constructor(
    private readonly pglite: PGlite,
    private readonly transactionWaitMs: number,
  ) {
    this.#housekeeping = new Housekeeping(pglite);
  }

  static async start({ folder, transactionWaitMs = 30_000 }: PgliteServerOptions): Promise<PgliteServer> {
    const startParams = [...PGlite.defaultStartParams, '-c', 'max_wal_size=64MB', '-c', 'min_wal_size=32MB'];
    return new PgliteServer(await PGlite.create({ dataDir: folder, startParams }), transactionWaitMs);
  }

  /** A new connection's stream, for the `stream` option of `pg`. */
  connect(): PgliteConnection {
    const connection = new PgliteConnection(this);
    this.#connections.add(connection);
    return connection;
  }

  /**
   * Runs one unit (a simple query, or extended-protocol messages up to their Sync) when it is the connection's turn.
   * @throws DatabaseBusyError when a transaction elsewhere did not end in time
   */
  async execute(connection: PgliteConnection, unit: Uint8Array): Promise<Uint8Array> {
    if (this.#owner !== connection) await this.#takeTurn(connection);
    let response: Uint8Array;
    try {
      response = await this.pglite.execProtocolRaw(unit);
    } catch (error) {
      this.#passTurn();
      throw error;
    }
    this.#forwardNotifications(connection, unit, response);
    if (endsInTransaction(response)) return response;
    if (this.#housekeeping.isDueAfter(unit)) {
      // The answer need not wait for it; the next statement does.
      this.#owner = this;
      void this.#housekeeping.run().finally(() => this.#passTurn());
    } else {
      this.#passTurn();
    }
    return response;
  }

  /** Gives up what the connection holds; an open transaction is rolled back. */
  async disconnect(connection: PgliteConnection): Promise<void> {
    this.#connections.delete(connection);
    if (this.#owner !== connection) return;
    await this.pglite.exec('ROLLBACK').catch(() => undefined);
    this.#passTurn();
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    await this.#housekeeping.finish();
    await this.pglite.close();
  }

  #takeTurn(connection: PgliteConnection): Promise<void> {
    if (!this.#owner) {
      this.#owner = connection;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        connection,
        proceed: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(new DatabaseBusyError(this.transactionWaitMs));
      }, this.transactionWaitMs);
      timer.unref();
      this.#waiters.push(waiter);
    });
  }

  #passTurn(): void {
    const next = this.#waiters.shift();
    this.#owner = next?.connection;
    next?.proceed();
  }

  /** The one backend listens for everybody: what it was notified of comes with whoever's answer is next. */
  #forwardNotifications(from: PgliteConnection, unit: Uint8Array, response: Uint8Array): void {
    this.#isListening ||= startsListening(unit);
    if (!this.#isListening) return;
    for (const notification of notificationsIn(response)) {
      for (const connection of this.#connections) if (connection !== from) connection.push(notification);
    }
  }
}

/** A transaction kept the embedded database's only backend for too long. */
export class DatabaseBusyError extends Error {
  readonly code = 'database-busy';
  readonly retriable = true;

  constructor(readonly waitedMs: number) {
    super(
      `Another transaction has held the embedded database for ${waitedMs} ms. ` +
        'A query made inside a transaction must go through that transaction (its EntityManager or client).',
    );
    this.name = 'DatabaseBusyError';
  }
}
