// The page's entry. It makes the rooms and ties them together. Their shared state is in session.js; the address
// follows it.

import { addressOf, readAddress, sharedIn } from './address.js';
import { announce } from './announce.js';
import { createGallery } from './classify/gallery.js';
import { createClassify } from './classify/room.js';
import { startClassNames } from './classname.js';
import { find } from './dom.js';
import { createFromArchives } from './fromarchives.js';
import { onLanguage, startLanguage, wordsSettled } from './i18n.js';
import { startIntake, takeFiles } from './intake.js';
import { startKeys } from './keys.js';
import { showMissingFeatures } from './missingfeatures.js';
import { dataSaver } from './models/datasaver.js';
import { createLive } from './live.js';
import { createModels } from './models/models.js';
import { createOffline } from './offline.js';
import { createRooms } from './rooms.js';
import { createSession, netOf } from './session.js';
import { recall, recallShared } from './settings.js';
import { createStorage } from './storage.js';
import { startTheme } from './theme.js';

const session = createSession({
  look: readAddress(location.hash), model: { name: 'waiting' }, offered: {}, appearance: 0,
});
const repaint = () => session.update({ appearance: session.state.appearance + 1 });

void startLanguage(find('#language', HTMLButtonElement));
startTheme(find('#theme', HTMLButtonElement), repaint);
onLanguage(repaint);
startClassNames();
showMissingFeatures();
startKeys();

const storage = createStorage({ onDeleted: () => announce('kept.deleted') });
const models = createModels({
  session, onDeleted: () => void storage.show(), onFromTeach: arrival => void fromArchives.offer([arrival]),
});
const classify = createClassify({ session, onTaken: models.want, onFail: models.retire });
const live = createLive({
  session, onWanted: models.want, onFrozen: photo => classify.take([photo]),
  onError(error) {
    classify.showError(error);
    models.retire(error);
  },
});
const rooms = createRooms({ onChoose: room => session.update({ look: { ...session.state.look, room } }) });
const offline = createOffline({
  isIdle: () => (session.state.photo?.isExample ?? true) && !['teach', 'lab'].includes(session.state.look.room),
  onFilled: () => void storage.show(),
});
const fromArchives = createFromArchives({
  onTeach: openInTeach, onPhotos: classify.take, onRefusal: classify.refuse, onError: classify.showError,
  onTable: arrival => void addToTable(bulk => bulk.addArchive(arrival)),
});
/** @type {import('./intake.js').Handlers} */
const intake = {
  onPhotos: classify.take,
  onMany: files => void addToTable(bulk => bulk.addFiles(files)),
  onFolder: folder => void addToTable(bulk => bulk.addFolder(folder)),
  onModel: files => void models.takeOwn(files),
  onRefusal: classify.refuse,
  onArchives: arrivals => void fromArchives.offer(arrivals),
};

// The code of the other rooms is loaded when somebody goes there. They start with the words: what they make of these,
// the names of new classes among them, stays.
const bringLook = once(async () => {
  const [{ createLook }] = await Promise.all([import('./look/room.js'), wordsSettled]);
  createLook({ session, live, heat: classify.heat, onFiles: files => takeFiles(files, intake), onFail: models.retire });
});
const bringTeach = once(async () => {
  const [{ createTeaching }] = await Promise.all([import('./teach/teaching.js'), wordsSettled]);
  return createTeaching({ session, models });
});
const bringTable = once(async () => {
  const [{ createBulk }] = await Promise.all([import('./classify/bulk/room.js'), wordsSettled]);
  return createBulk({
    session, onOpen: photo => classify.take([photo]), onWanted: models.want, onFail: models.retire,
    onFiles: files => takeFiles(files, intake), onRefusal: classify.refuse, onError: classify.showError,
  });
});
const bringLab = once(async () => {
  const [{ createSkipLab }] = await Promise.all([import('./lab/room.js'), wordsSettled]);
  createSkipLab({
    session,
    async own() {
      models.want(); // Teach opens with a network
      return (await bringTeach())?.pictures() ?? [];
    },
    onOpen(file, room) {
      void models.takeOwn([file]);
      session.update({ look: { ...session.state.look, room } });
    },
  });
});

/**
 * Starts a room, once. If its code could not be loaded, because there is no connection or the site has a new version,
 * the page says so, and the next call tries again.
 * @template T
 * @param {() => Promise<T>} start
 * @returns {() => Promise<T | undefined>}
 */
function once(start) {
  /** @type {Promise<T> | undefined} */
  let started;
  return async () => {
    try {
      return await (started ??= start());
    } catch (error) {
      started = undefined;
      console.error(error);
      classify.refuse('room.missing', {}, '');
    }
  };
}

/** @param {import('./address.js').Room} room */
function enter(room) {
  rooms.show(room);
  if (room === 'look') void bringLook();
  if (room === 'teach' || recall('taught')) void bringTeach();
  if (room === 'lab') void bringLab();
}

/** Goes to Teach with a file. @param {File} file */
async function openInTeach(file) {
  session.update({ look: { ...session.state.look, room: 'teach' } });
  (await bringTeach())?.take(file);
}

/** @param {(bulk: import('./classify/bulk/room.js').Bulk) => void} add */
async function addToTable(add) {
  classify.clearMessages(); // as when a photo comes: they are about what was before
  const bulk = await bringTable();
  if (bulk) add(bulk);
}

/** If the address is a link that somebody shared, asks whether to load it. */
async function askAboutShare() {
  const share = sharedIn(location.hash);
  if (share === null) return;
  classify.example.stop();
  (await bringTeach())?.open(share);
}

/** Brings back the shared classes that answered in this tab before it was reloaded. */
async function restoreShared() {
  if (recallShared()) (await bringTeach())?.reopen();
}

/**
 * Writes the address. A change of room is a step for the browser's back button; a choice within a room is not.
 * @param {import('./session.js').State} now
 * @param {import('./session.js').State} before
 */
function updateAddress(now, before) {
  const address = addressOf(now.look);
  if (address === addressOf(before.look)) return;
  const isOtherRoom = now.look.room !== before.look.room;
  // After a step back or forward the address is right already.
  if (address !== addressOf(readAddress(location.hash))) {
    history[isOtherRoom ? 'pushState' : 'replaceState'](null, '', address || location.pathname + location.search);
  }
  if (isOtherRoom) enter(now.look.room);
}

session.subscribe((now, before) => {
  updateAddress(now, before);
  const net = netOf(now);
  if (!net || net === netOf(before)) return;
  // With the data saver on, nothing is downloaded for a later visit that may never come.
  if (dataSaver) void storage.show();
  else void offline.fill(net.info.kept);
});

const follow = () => {
  const look = readAddress(location.hash);
  if (sharedIn(location.hash) !== null) look.classes = session.state.look.classes; // it says nothing about these
  session.update({ look });
  void askAboutShare();
};
addEventListener('popstate', follow);
addEventListener('hashchange', follow);

enter(session.state.look.room);
void askAboutShare();
void restoreShared();
startIntake(intake);
createGallery({ onPick: photo => classify.take([photo]), onFirst: classify.example.offer, wait: dataSaver });
