import { runService } from '@rushes/platform';
import { recorderModule } from './recorder.module.ts';

await runService('recorder', recorderModule);
