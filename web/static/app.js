// The page's entry: makes its parts and ties them together. A photo comes in through intake.js or gallery.js and waits in
// queue.js until loader.js has the model; its answer goes to answer.js and history.js.

import { addressOf, readAddress } from './address.js';
import { announce } from './announce.js';
import { createAnswer, sureFrom } from './answer.js';
import { find } from './dom.js';
import { percent } from './format.js';
import { createGallery } from './gallery.js';
import { createHistory } from './history.js';
import { onLanguage, say, spell, startLanguage } from './i18n.js';
import { photoOf, startIntake } from './intake.js';
import { createLoader } from './loader.js';
import { createLook } from './look.js';
import { nameOf } from './name.js';
import { createNotices } from './notices.js';
import { createPhoto } from './photo.js';
import { createProgress } from './progress.js';
import { createQueue } from './queue.js';
import { Residua } from './residua.js';
import { createRooms } from './rooms.js';
import { recall, remember } from './store.js';
import { createMine } from './teach-mine.js';
import { createTeach } from './teach-room.js';
import { startTheme } from './theme.js';

/** @typedef {import('./queue.js').Photo} Photo */
/** @typedef {import('./queue.js').Answer} Answer */
/** @typedef {{ photo: Photo, answer: Answer }} Answered */

/** The room Look inside. @type {ReturnType<typeof createLook> | undefined} */
let inside;

void startLanguage(find('#language', HTMLButtonElement));
startTheme(find('#theme', HTMLButtonElement), () => inside?.repaint());

/** What the stage shows: a photo, and its answer once there is one. @type {{ photo: Photo, answer?: Answer } | undefined} */
let shown;
/** The last answered photo that was on the stage: it comes back when a later one fails. @type {Answered | undefined} */
let good;
/** How the answers were computed. @type {import('./loader.js').Net['info'] | undefined} */
let engine;

const photoView = createPhoto();
const answerView = createAnswer({ onCancel: cancel });
const session = createHistory({ onPick: entry => { present(entry); speak(entry.answer); } });
const notices = createNotices({ onDismiss: focusChooser });
const progress = createProgress({ onStart: () => void loader.start(), onStop: () => loader.stop() });

inside = createLook({
  look: readAddress(location.hash),
  heat: photoView.heat,
  onAnswer(answer, changed) {
    if (!engine) return;
    answerView.show(answer, engine, changed);
  },
  onFiles: files => take(files.map(photoOf)),
  onFail: retire,
});
const teach = createTeach({
  onFail: retire,
  onTaught() {
    // The next visit knows before any store is opened whether there is something to choose.
    remember('taught', teach.taught ? 'yes' : '');
    mine.offer(teach.taught);
  },
});
const mine = createMine({ predict: teach.predict, onFail: retire });
const rooms = createRooms({
  onChoose(room) {
    const look = { ...readAddress(location.hash), room };
    history.pushState(null, '', addressOf(look) || location.pathname + location.search);
    enter();
  },
});
onLanguage(() => inside?.repaint());

/** Shows the room that the address names. */
function enter() {
  const look = readAddress(location.hash);
  rooms.show(look.room);
  inside?.go(look);
  teach.go(look.room === 'teach');
  // Classify shows what the whole network says.
  if (look.room === 'classify' && shown?.answer && engine) answerView.show(shown.answer, engine);
}
addEventListener('popstate', enter);
addEventListener('hashchange', enter);

const queue = createQueue({
  onAnswer(photo, answer) {
    session.add(photo, answer);
    if (shown?.photo !== photo) return session.mark(shown?.photo);
    present({ photo, answer });
    speak(answer);
  },
  onFail(photo, error) {
    notices.error(error, nameOf(photo));
    if (shown?.photo === photo) goBack();
    retire(error);
  },
  onLength: waiting => session.setWaiting(waiting),
});

const loader = createLoader({
  load: options => Residua.load({ model: 'resnet50', ...options }),
  onChange(state) {
    progress.show(state);
    if (state.name === 'ready') introduce(state.net);
    inside?.serve(state.name === 'ready' ? state.net : undefined);
    teach.serve(state.name === 'ready' ? state.net : undefined);
    if (recall('taught')) teach.wake();
    queue.serve(state.name === 'ready' ? state.net : undefined);
    if (shown && !shown.answer) explainWait(shown.photo);
  },
});

/**
 * An engine that stopped is of no use any more: the next photo starts a new one.
 * @param {unknown} error
 */
function retire(error) {
  const code = error instanceof Error && 'code' in error && error.code;
  if (code === 'engine-crashed' || code === 'closed') loader.fail(error);
}

/**
 * Photos came in: the first goes on the stage.
 * @param {Photo[]} photos
 */
function take(photos) {
  notices.clear();
  shown = { photo: photos[0] };
  photoView.show(photos[0]);
  inside?.present(photos[0]);
  session.expect(photos);
  session.mark(undefined);
  explainWait(photos[0]);
  queue.put(photos);
  // A person who stopped the download did so on purpose; any other pause ends with a photo.
  if (loader.state.name === 'waiting' || loader.state.name === 'failed') void loader.start();
}

/** @param {Photo} photo */
function explainWait(photo) {
  const name = loader.state.name;
  answerView.wait(photo, name === 'ready' ? 'answer.busy' : name === 'loading' ? 'answer.queued' : 'answer.stopped');
}

/**
 * Shows a photo with its answer.
 * @param {Answered} entry
 */
function present(entry) {
  shown = good = entry;
  photoView.show(entry.photo);
  photoView.describe(entry.photo, entry.answer.image);
  if (engine) answerView.show(entry.answer, engine);
  session.mark(entry.photo);
  inside?.present(entry.photo, entry.answer);
  mine.show(entry.photo);
}

/** @param {Answer} answer */
function speak({ predictions: [best] }) {
  const key = best.probability >= sureFrom ? 'answer.spoken' : 'answer.spoken.unsure';
  announce(key, () => ({ label: best.label, probability: percent(best.probability) }));
}

/** The photo on the stage has no answer and gets none: the last good one comes back. */
function goBack() {
  shown = undefined;
  if (good) return present(good);
  photoView.clear();
  mine.show();
  inside?.present();
  answerView.clear();
}

/** The focus goes to the button that brings a photo, whichever of them is on the page. */
function focusChooser() {
  for (const id of ['#drop', '#another', '#choose']) find(id, HTMLButtonElement).focus(); // one that is hidden takes no focus
}

function cancel() {
  queue.cancel();
  goBack();
}

/** @param {import('./loader.js').Net} net */
function introduce(net) {
  engine = net.info;
  spell(find('#model-name', HTMLElement), engine.title);
  say(find('#model-credit', HTMLElement), 'footer.model', { title: engine.title, license: engine.license, source: engine.source });
}

enter();
startIntake({ onPhotos: take, onRefusal: notices.refuse });
addEventListener('online', () => {
  const { state } = loader;
  if (state.name === 'failed' && state.error instanceof Error && 'code' in state.error && state.error.code === 'offline') void loader.start();
});

// A person who saves data is asked before anything large is fetched.
const savesData = /** @type {{ connection?: { saveData?: boolean } }} */ (navigator).connection?.saveData ?? false;
createGallery({ onPick: photo => take([photo]), wait: savesData });
if (savesData) progress.show(loader.state);
else void loader.start();
