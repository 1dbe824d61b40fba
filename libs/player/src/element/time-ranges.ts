/** One range, or none, as `seekable` and `buffered` of a media element give them. */
export function singleRange(startSeconds: number, endSeconds: number): TimeRanges {
  const isEmpty = !(endSeconds > startSeconds);
  const bound = (seconds: number) => (index: number) => {
    if (index === 0 && !isEmpty) return seconds;
    throw new DOMException(`The index ${index} is not less than ${isEmpty ? 0 : 1}`, 'IndexSizeError');
  };
  return { length: isEmpty ? 0 : 1, start: bound(startSeconds), end: bound(endSeconds) };
}
