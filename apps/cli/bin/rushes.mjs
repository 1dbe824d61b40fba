#!/usr/bin/env node
// Any Node from 20 on, with nothing installed yet: the task runner gets what the command needs and goes on with Node 24.
process.argv.splice(2, 0, 'rushes');
await import('../../../scripts/run.mjs');
