import { describe, expect, it } from 'vitest';
import { Window } from 'happy-dom';
import { forgetToken, takeToken } from './token.ts';

function windowAt(url: string): Window & globalThis.Window {
  return new Window({ url }) as unknown as Window & globalThis.Window;
}

describe('the token in the address', () => {
  it('is kept for the tab and taken out of the address bar', () => {
    const view = windowAt('https://replay.example/?recording=r1#token=abc&t=12');
    expect(takeToken(view)).toBe('abc');
    expect(view.location.href).toBe('https://replay.example/?recording=r1#t=12');
    expect(takeToken(view)).toBe('abc');
  });

  it('is null when there never was one, and after it was forgotten', () => {
    const view = windowAt('https://replay.example/');
    expect(takeToken(view)).toBeNull();
    view.sessionStorage.setItem('rushes-viewer-token', 'abc');
    forgetToken(view);
    expect(takeToken(view)).toBeNull();
  });
});
