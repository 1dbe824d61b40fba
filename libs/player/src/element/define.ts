import { defineRushesPlayer } from './rushes-player.ts';

/** For a script tag: registers `<rushes-player>`. */
defineRushesPlayer();
