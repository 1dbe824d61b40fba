import { describe, expect, it } from 'vitest';
import { SpeechDetector } from './speech-detector.ts';

describe('SpeechDetector', () => {
  it('starts speech at once and says so once', () => {
    const detector = new SpeechDetector<string>(1000);
    expect(detector.update(['ada'], 0)).toEqual([{ id: 'ada', change: 'started' }]);
    expect(detector.update(['ada'], 200)).toEqual([]);
  });

  it('does not end speech in a pause shorter than the hold', () => {
    const detector = new SpeechDetector<string>(1000);
    detector.update(['ada'], 0);
    expect(detector.update([], 999)).toEqual([]);
    expect(detector.update(['ada'], 1500)).toEqual([]);
    expect(detector.update([], 2500)).toEqual([{ id: 'ada', change: 'stopped' }]);
    expect(detector.isAnybodySpeaking).toBe(false);
  });

  it('follows several speakers apart', () => {
    const detector = new SpeechDetector<string>(500);
    detector.update(['ada'], 0);
    expect(detector.update(['bob'], 600)).toEqual([
      { id: 'bob', change: 'started' },
      { id: 'ada', change: 'stopped' },
    ]);
    expect(detector.speakers()).toEqual(['bob']);
  });

  it('forgets somebody who was silenced', () => {
    const detector = new SpeechDetector<string>(500);
    detector.update(['ada'], 0);
    expect(detector.silence('ada')).toBe(true);
    expect(detector.silence('ada')).toBe(false);
    expect(detector.update([], 1000)).toEqual([]);
  });
});
