import 'media-chrome';
import { render } from 'preact';
import { defineRushesPlayer } from '@rushes/player';
import { takeToken } from './access/token.ts';
import { App } from './app.tsx';

defineRushesPlayer();
const token = takeToken(window);
render(<App token={token} />, document.getElementById('app')!);
