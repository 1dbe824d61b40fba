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
import { Metrics } from './metrics/metrics.ts';
import { MetricsController } from './metrics/metrics-controller.ts';
import { HOLDER_ID } from './recordings/holder-id.ts';
import { RecordingLifecycle } from './recordings/recording-lifecycle.ts';
import { RoomDirectory } from './rooms/room-directory.ts';
import { WebSocketRoutes } from './web-socket/web-socket-routes.ts';

const services = [
  TokenService,
  ApiKeyService,
  EventPublishers,
  RecordingLifecycle,
  RoomDirectory,
  Metrics,
  HealthRegistry,
  WebSocketRoutes,
  ApiDocument,
  ViewerListener,
];

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
    @Inject(HealthRegistry) private readonly health: HealthRegistry,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  static forRoot(config: Config): DynamicModule {
    return {
      module: PlatformModule,
      global: true,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useFactory: () => createLogger(config) },
        { provide: HOLDER_ID, useFactory: newId },
        {
          provide: Database,
          useFactory: () =>
            openDatabase(
              config.databaseUrl === undefined
                ? { dataDir: config.dataDir }
                : { url: config.databaseUrl, poolSize: config.databasePoolSize },
            ),
        },
        { provide: EventLog, inject: [Database], useFactory: (database: Database) => openEventLog(config, database) },
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
    this.health.register('object-store', () => this.objectStore.check());
    for (const variable of this.config.unknownVariables) {
      this.logger.warn({ variable }, 'a variable that means nothing here is set: is it misspelt?');
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.eventLog.close();
    await this.database.close();
    this.logger.info('ended');
  }
}
