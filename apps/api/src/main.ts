import { runService } from '@rushes/platform';
import { apiModule } from './api.module.ts';
import { showNewKey } from './show-new-key.ts';

await runService('api', apiModule, { hasPages: true, greet: showNewKey });
