import { render } from 'preact';
import { offerAutomation } from './automation.ts';
import { Meeting } from './meeting/meeting.ts';
import { readPageAddress } from './page-address.ts';
import { App } from './view/app.tsx';

const address = readPageAddress(location.hash);
const meeting = new Meeting(address);
const nameKey = 'rushes.name';
const name = address.name ?? localStorage.getItem(nameKey) ?? '';

meeting.view.subscribe(() => {
  const { me } = meeting.view.get();
  if (me && address.name === null) localStorage.setItem(nameKey, me.name);
});
offerAutomation(meeting);
render(<App meeting={meeting} name={name} roomId={address.roomId} />, document.getElementById('app')!);

if (address.token !== null) void (address.isAutojoin ? meeting.join(name) : meeting.media.open());
// Another link opened in this tab is another meeting.
addEventListener('hashchange', () => location.reload());
