import { runService } from '@rushes/platform';
import { analyticsModule } from './analytics.module.ts';

await runService('analytics', analyticsModule);
