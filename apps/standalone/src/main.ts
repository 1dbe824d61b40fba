import { loadConfig, startApplication } from '@rushes/platform';
import { standaloneModule } from './standalone.module.ts';
import { welcome } from './welcome.ts';

try {
  const config = loadConfig(process.env);
  const running = await startApplication(standaloneModule(config));
  process.stderr.write(await welcome(running));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
