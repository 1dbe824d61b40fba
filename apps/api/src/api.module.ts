import { Inject, Module, type Type } from '@nestjs/common';
import { AnalyticsApiModule } from '@rushes/analytics';
import { ExportsApiModule } from '@rushes/exports';
import { ImportsModule } from '@rushes/imports';
import { HealthRegistry, PlatformModule, type Config } from '@rushes/platform';
import { RecordingsModule } from '@rushes/recordings';

/** The HTTP API and all pages. The work is done by the other services, but for imports, which run where they were uploaded. */
export function apiModule(config: Config): Type {
  @Module({
    imports: [PlatformModule.forRoot(config), RecordingsModule, ExportsApiModule, ImportsModule, AnalyticsApiModule],
  })
  class ApiModule {
    constructor(@Inject(HealthRegistry) health: HealthRegistry) {
      // Recordings can be listed and watched without the log, and pages served without either; what cannot be done answers 503.
      health.tolerate('event-log', 'object-store');
    }
  }
  return ApiModule;
}
