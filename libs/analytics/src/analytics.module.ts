import { Inject, Module } from '@nestjs/common';
import { ApiDocument } from '@rushes/platform';
import { AnalyticsController } from './analytics.controller.ts';
import { analyticsPaths } from './analytics-paths.ts';
import { EventCountStore } from './event-count-store.ts';
import { EventCounter } from './event-counter.ts';

/** Counts the events of recordings. Needs `PlatformModule`. */
@Module({ controllers: [AnalyticsController], providers: [EventCountStore, EventCounter], exports: [EventCounter] })
export class AnalyticsModule {
  constructor(@Inject(ApiDocument) document: ApiDocument) {
    document.add(analyticsPaths);
  }
}
