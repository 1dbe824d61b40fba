import { runService } from '@rushes/platform';
import { apiModule } from './api.module.ts';

await runService('api', apiModule, { hasPages: true });
