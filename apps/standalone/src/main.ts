import { runService } from '@rushes/platform';
import { standaloneModule } from './standalone.module.ts';
import { welcome } from './welcome.ts';

await runService('standalone', standaloneModule, { hasPages: true, isApart: false, greet: welcome });
