import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { Database, openDatabase } from '@rushes/database';
import { EventLog } from '@rushes/event-log';
import { ObjectStore } from '@rushes/object-store';
import { openEventLog, openObjectStore } from './adapters.ts';
import { ApiDocument } from './api-document/api-document.ts';
import { ApiKeyService } from './auth/api-key-service.ts';
import { AuthGuard } from './auth/auth-guard.ts';
import { loadTokenSecret, TOKEN_SECRET } from './auth/token-secret.ts';
import { TokenService } from './auth/token-service.ts';
import { CONFIG, type Config } from './config/config.ts';
import { ProblemFilter } from './errors/problem-filter.ts';
import { EventPublishers } from './events/event-publishers.ts';
import { HealthController } from './health/health-controller.ts';
import { HealthRegistry } from './health/health-registry.ts';
import { ViewerListener } from './http/viewer-listener.ts';
import { newId } from './ids/new-id.ts';
import { createLogger, LOGGER, type Logger } from './logging/logger.ts';
import { ConsumerLag } from './metrics/consumer-lag.ts';
import { Metrics } from './metrics/metrics.ts';
import { MetricsController } from './metrics/metrics-controller.ts';
import { HOLDER_ID } from './recordings/holder-id.ts';
import { RecordingLifecycle } from './recordings/recording-lifecycle.ts';
import { RecordingReaper } from './recordings/recording-reaper.ts';
import { RoomDirectory } from './rooms/room-directory.ts';
import { WebSocketRoutes } from './web-socket/web-socket-routes.ts';

const services = [
  TokenService,
  ApiKeyService,
  EventPublishers,
  RecordingLifecycle,
  RecordingReaper,
  RoomDirectory,
  Metrics,
  ConsumerLag,
  HealthRegistry,
  WebSocketRoutes,
  ApiDocument,
  ViewerListener,
];

/** How long an ending process waits for the log to take its last events. Milliseconds. */
const lastEventsMs = 5_000;

/**
 * What every service stands on; global, so that modules inject from it without importing it. The ports are bound to the
 * adapters that the configuration names. Parts end their work in `beforeApplicationShutdown` or `onModuleDestroy`:
 * in `onApplicationShutdown` the log and the database are closed.
 */
@Module({})
export class PlatformModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(EventLog) private readonly eventLog: EventLog,
    @Inject(ObjectStore) private readonly objectStore: ObjectStore,
    @Inject(EventPublishers) private readonly publishers: EventPublishers,
    @Inject(HealthRegistry) private readonly health: HealthRegistry,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @param logger default: one that writes to standard output as the configuration says */
  static forRoot(config: Config, logger?: Logger): DynamicModule {
    return {
      module: PlatformModule,
      global: true,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useFactory: () => logger ?? createLogger(config) },
        { provide: HOLDER_ID, useFactory: newId },
        {
          provide: Database,
          inject: [LOGGER],
          useFactory: (logger: Logger) =>
            openDatabase({
              ...(config.databaseUrl === undefined
                ? { dataDir: config.dataDir }
                : { url: config.databaseUrl, poolSize: config.databasePoolSize }),
              onError: (err) => logger.warn({ err }, 'a connection to the database, or work of its job queue, failed'),
            }),
        },
        {
          provide: EventLog,
          inject: [Database, LOGGER],
          useFactory: (database: Database, logger: Logger) =>
            openEventLog(config, database, ({ error, ...facts }) =>
              logger.warn({ err: error, ...facts }, 'reading the event log failed, trying again'),
            ),
        },
        { provide: ObjectStore, useFactory: () => openObjectStore(config) },
        { provide: TOKEN_SECRET, inject: [Database], useFactory: loadTokenSecret },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_GUARD, useClass: AuthGuard },
        ...services,
      ],
      exports: [CONFIG, LOGGER, HOLDER_ID, Database, EventLog, ObjectStore, ...services],
    };
  }

  onApplicationBootstrap(): void {
    this.health.register('database', async () => {
      await this.database.pool.query('SELECT 1');
    });
    this.health.register('event-log', () => this.eventLog.check());
    this.health.register('object-store', () => this.objectStore.check());
    for (const variable of this.config.unknownVariables) {
      this.logger.warn({ variable }, 'a variable that means nothing here is set: is it misspelt?');
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.publishers.close(lastEventsMs);
    await this.eventLog.close();
    await this.database.close();
    this.logger.info('ended');
  }
}
