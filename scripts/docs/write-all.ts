/** `npm run docs`: writes everything under docs/ that comes from the code. */
await import('./write-stream-documents.ts');
await import('./write-api-document.ts');
await import('../../libs/platform/src/config/write-variables.ts');
