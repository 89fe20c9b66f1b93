// The page's entry: it makes the rooms and ties them together. What they share is in session.js; the address follows it.

import { addressOf, readAddress, sharedIn } from './address.js';
import { announce } from './announce.js';
import { createGallery } from './classify/gallery.js';
import { createClassify } from './classify/room.js';
import { find } from './dom.js';
import { onLanguage, startLanguage } from './i18n.js';
import { startIntake, takeFiles } from './intake.js';
import { showLacks } from './lacks.js';
import { createModels } from './models/models.js';
import { savesData } from './models/datasaver.js';
import { createOffline } from './offline.js';
import { createRooms } from './rooms.js';
import { createSession, netOf } from './session.js';
import { recall } from './settings.js';
import { createKept } from './storage.js';
import { startTheme } from './theme.js';

const session = createSession({ look: readAddress(location.hash), model: { name: 'waiting' }, appearance: 0 });
const repaint = () => session.update({ appearance: session.state.appearance + 1 });

void startLanguage(find('#language', HTMLButtonElement));
startTheme(find('#theme', HTMLButtonElement), repaint);
onLanguage(repaint);
showLacks();

const kept = createKept({ onDeleted: () => announce('kept.deleted') });
const models = createModels({ session, onDeleted: () => void kept.show() });
const classify = createClassify({ session, onTaken: models.want, onFail: models.retire });
const rooms = createRooms({ onChoose: room => session.update({ look: { ...session.state.look, room } }) });
const offline = createOffline({
  isIdle: () => !session.state.photo && session.state.look.room !== 'teach',
  onFilled: () => void kept.show(),
});
const intake = { onPhotos: classify.take, onModel: models.takeOwn, onRefusal: classify.refuse };

// The other rooms come when somebody goes there.
/** @type {Promise<void> | undefined} */
let look;
/** @type {ReturnType<typeof startTeach> | undefined} */
let teach;

async function startLook() {
  const { createLook } = await import('./look/room.js');
  createLook({ session, heat: classify.heat, onFiles: files => takeFiles(files, intake), onFail: models.retire });
}

async function startTeach() {
  const { createTeaching } = await import('./teach/teaching.js');
  return createTeaching({ session, models });
}

/**
 * A module that did not come: the network is gone, or there is a new version of the page.
 * @param {unknown} error
 */
function missing(error) {
  console.error(error);
  classify.refuse('room.missing', {}, '');
}

/** @param {import('./address.js').Room} room */
function enter(room) {
  rooms.show(room);
  if (room === 'look') look ??= startLook().catch(error => { look = undefined; missing(error); });
  if (room === 'teach' || recall('taught')) void bringTeach();
}

/** Starts Teach, once. */
async function bringTeach() {
  try {
    return await (teach ??= startTeach());
  } catch (error) {
    teach = undefined;
    missing(error);
  }
}

/** A link that somebody shared is asked about, whichever room it leads to. */
async function askAboutShare() {
  const share = sharedIn(location.hash);
  if (share) (await bringTeach())?.open(share);
}

session.subscribe((now, before) => {
  if (addressOf(now.look) !== addressOf(before.look)) {
    const address = addressOf(now.look);
    const isOtherRoom = now.look.room !== before.look.room;
    // Going to another room is a step that the browser's back button takes back; a choice inside of a room is none.
    // After a step back or forward the address is right already.
    if (address !== addressOf(readAddress(location.hash))) {
      history[isOtherRoom ? 'pushState' : 'replaceState'](null, '', address || location.pathname + location.search);
    }
    if (isOtherRoom) enter(now.look.room);
  }
  const net = netOf(now);
  if (!net || net === netOf(before)) return;
  if (savesData) void kept.show(); // what was needed is here; the rest would be fetched for a visit that may never be
  else void offline.fill(net.info.kept);
});

const follow = () => {
  session.update({ look: readAddress(location.hash) });
  void askAboutShare();
};
addEventListener('popstate', follow);
addEventListener('hashchange', follow);

enter(session.state.look.room);
void askAboutShare();
startIntake(intake);
createGallery({ onPick: photo => classify.take([photo]), wait: savesData });
