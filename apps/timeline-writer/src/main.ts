import { runService } from '@rushes/platform';
import { timelineWriterModule } from './timeline-writer.module.ts';

await runService('timeline-writer', timelineWriterModule);
