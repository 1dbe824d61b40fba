import { lockSpool } from '../spool/lock-spool.ts';

/** A process that holds the spool folder it is given, says so on standard output, and goes on until it is killed. */
const [folder = ''] = process.argv.slice(2);
await lockSpool(folder).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
process.stdout.write('locked\n');
setInterval(() => undefined, 60_000);
