import { Module, type Type } from '@nestjs/common';
import { AnalyticsCounterModule } from '@rushes/analytics';
import { PlatformModule, type Config } from '@rushes/platform';

/** Counts what goes through the log. */
export function analyticsModule(config: Config): Type {
  @Module({ imports: [PlatformModule.forRoot(config), AnalyticsCounterModule] })
  class AnalyticsAppModule {}
  return AnalyticsAppModule;
}
