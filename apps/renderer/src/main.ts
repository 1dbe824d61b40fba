import { runService } from '@rushes/platform';
import { rendererModule } from './renderer.module.ts';

await runService('renderer', rendererModule);
