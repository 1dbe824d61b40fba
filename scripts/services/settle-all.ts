/**
 * Waits for all of them, also for those that go on after one has failed: only then may be undone what they did.
 * @throws the first one's error
 */
export async function settleAll(work: Iterable<Promise<void>>): Promise<void> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
