import { Inject, Module } from '@nestjs/common';
import { ApiDocument } from '@rushes/platform';
import { AnalyticsController } from './analytics.controller.ts';
import { analyticsPaths } from './analytics-paths.ts';
import { EventCountStore } from './event-count-store.ts';
import { EventCounter } from './event-counter.ts';

/** Counts the events of recordings. Needs `PlatformModule`. */
@Module({ providers: [EventCountStore, EventCounter], exports: [EventCounter] })
export class AnalyticsCounterModule {}

/** The counts over HTTP, whichever process has counted. Needs `PlatformModule`. */
@Module({ controllers: [AnalyticsController], providers: [EventCountStore] })
export class AnalyticsApiModule {
  constructor(@Inject(ApiDocument) document: ApiDocument) {
    document.add(analyticsPaths);
  }
}

/** Both. */
@Module({ imports: [AnalyticsCounterModule, AnalyticsApiModule] })
export class AnalyticsModule {}
