// The page's entry: makes its parts and ties them together. A photo comes in through intake.js or gallery.js and waits in
// queue.js until loader.js has the model; its answer goes to answer.js and history.js.

import { addressOf, readAddress, sharedIn } from './address.js';
import { announce } from './announce.js';
import { createAnswer, sureFrom } from './classify/answer.js';
import { find } from './dom.js';
import { percent } from './format.js';
import { createGallery } from './classify/gallery.js';
import { createHistory } from './classify/history.js';
import { onLanguage, say, startLanguage } from './i18n.js';
import { startIntake, takeFiles } from './intake.js';
import { createKept } from './storage.js';
import { showLacks } from './lacks.js';
import { createLoader } from './models/loader.js';
import { createLook } from './look/room.js';
import { createModels } from './models/chooser.js';
import { createTeachGate } from './teach/gate.js';
import { beginWith, roomForTwo, savesData } from './models/datasaver.js';
import { nameOf } from './photoname.js';
import { createNotices } from './notices.js';
import { createOffline } from './offline.js';
import { createPhoto } from './classify/photo.js';
import { createProgress } from './models/progress.js';
import { createQueue } from './classify/queue.js';
import { isEngineFault, Residua } from '../residua.js';
import { createRooms } from './rooms.js';
import { createShared } from './teach/sharedlink.js';
import { recall, remember } from './settings.js';
import { createMine } from './teach/mine.js';
import { createTeach } from './teach/room.js';
import { startTheme } from './theme.js';

/** @typedef {import('./photos.js').Photo} Photo */
/** @typedef {import('../residua.js').Classification} Answer */
/** @typedef {{ photo: Photo, answer: Answer }} Answered */

/** The room Look inside. @type {ReturnType<typeof createLook> | undefined} */
let inside;

void startLanguage(find('#language', HTMLButtonElement));
startTheme(find('#theme', HTMLButtonElement), () => inside?.repaint());

/** What the stage shows: a photo, and its answer once there is one. @type {{ photo: Photo, answer?: Answer } | undefined} */
let shown;
/** The last answered photo that was on the stage: it comes back when a later one fails. @type {Answered | undefined} */
let good;
/** How the answers are computed. @type {import('./models/loader.js').Net['info'] | undefined} */
let engine;
/** Whether what is taught is another model's: the room Teach rests. */
let taughtElsewhere = false;
/** Which model gave an answer. @type {WeakMap<Answer, string>} */
const givenBy = new WeakMap();

const photoView = createPhoto();
const answerView = createAnswer({ onCancel: cancel });
const session = createHistory({
  onPick(entry) {
    if (engine && givenBy.get(entry.answer) !== engine.model) return take([entry.photo]); // another model's answer
    present(entry);
    speak(entry.answer);
  },
});
const notices = createNotices({ onDismiss: focusChooser });
const progress = createProgress({
  onStart: () => void loader.start(),
  onStop: () => loader.stop(),
  onChoose(name) {
    loader.choose({ name });
    void loader.start();
  },
});
const models = createModels({
  onUse: choice => loader.use(choice),
  onCancel: () => (loader.state.name === 'loading' ? loader.stop() : loader.cancel()),
  onDeleted: () => void kept.show(),
});

inside = createLook({
  look: readAddress(location.hash),
  heat: photoView.heat,
  onAnswer(answer, changed) {
    if (!engine) return;
    answerView.show(answer, engine, changed);
  },
  onFiles: files => takeFiles(files, intake),
  onFail: retire,
});
const teach = createTeach({
  onFail(error, again) {
    retire(error);
    if (again) void loader.start();
  },
  onTaught() {
    // The next visit knows before any store is opened whether there is something to choose.
    remember('taught', teach.taught ? 'yes' : '');
    mine.offer(teach.taught && !taughtElsewhere);
  },
});
const shared = createShared({
  teach: {
    adopt: teach.adopt,
    // A project that rests, for it is of another model, is there, and nothing takes its place.
    owned: () => taughtElsewhere ? Promise.resolve({ classes: 1, pictures: 0, taught: true, free: false }) : teach.owned(),
  },
  onWanted: () => void loader.start(),
  onLoaded(which) {
    go({ ...readAddress(location.hash), room: 'classify' });
    mine.use(which);
  },
  onClosed: () => history.replaceState(null, '', addressOf(readAddress(location.hash)) || location.pathname + location.search),
  onFail: retire,
});
const mine = createMine({ predict: teach.predict, predictShared: shared.predict, onFail: retire });
const teachGate = createTeachGate({
  serve(net) {
    teach.serve(net);
    if (net && recall('taught')) teach.wake();
  },
  onUse: name => models.use({ name }),
  onOther(other) {
    taughtElsewhere = other;
    teach.go(inTeach());
    mine.offer(teach.taught && !other);
  },
});
const rooms = createRooms({
  onChoose: room => go({ ...readAddress(location.hash), room }),
});
onLanguage(() => inside?.repaint());

/** Whether a person is in the room Teach, and it works. */
const inTeach = () => readAddress(location.hash).room === 'teach' && !taughtElsewhere;

/** @param {import('./address.js').Look} look */
function go(look) {
  history.pushState(null, '', addressOf(look) || location.pathname + location.search);
  enter();
}

/** Shows the room that the address names. */
function enter() {
  const look = readAddress(location.hash);
  rooms.show(look.room);
  inside?.go(look);
  teach.go(inTeach());
  if (look.room !== 'classify') mine.leave();
  // Classify shows what the whole network says.
  if (look.room === 'classify' && shown?.answer && engine) answerView.show(shown.answer, engine);
  const share = sharedIn(location.hash);
  if (share) void shared.open(share);
}
addEventListener('popstate', enter);
addEventListener('hashchange', enter);

showLacks();
const kept = createKept({ onDeleted: () => announce('kept.deleted') });
const offline = createOffline({
  isIdle: () => !shown && readAddress(location.hash).room !== 'teach',
  onFilled: () => void kept.show(),
});

const queue = createQueue({
  onAnswer(photo, answer) {
    if (engine) givenBy.set(answer, engine.model);
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
  load: ({ choice: { name, file, side }, ...options }) => Residua.load({ ...(file ? { file, side } : { model: name }), ...options }),
  roomForTwo,
  onChange(state) {
    progress.show(state);
    models.show(state.name === 'ready' ? state.net.info.model : '', state.name === 'loading' ? { choice: loader.choice, progress: state.progress } : undefined);
    if (state.name === 'loading' && state.progress) return; // nothing else has changed
    const net = state.name === 'ready' ? state.net : undefined;
    const asked = net && introduce(net);
    inside?.serve(net);
    teach.explain(state.name === 'stopped' || state.name === 'failed' ? state.name : 'coming');
    void teachGate.serve(net);
    shared.serve(net, state.name === 'failed' ? state.error : undefined);
    queue.serve(net);
    if (asked) queue.put([asked]);
    if (shown && !shown.answer) explainWait(shown.photo);
    if (!net) return;
    if (savesData) void kept.show(); // what was needed is here; the rest would be fetched for a visit that may never be
    else void offline.fill(net.info.kept);
  },
  onComing: coming => models.show(engine?.model ?? '', coming),
  onRefused: (choice, error) => models.refused(choice, error),
});

/**
 * An engine that stopped is of no use any more: the next photo starts a new one.
 * @param {unknown} error
 */
function retire(error) {
  if (isEngineFault(error)) loader.fail(error);
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
  if (loader.state.name === 'waiting' || loader.state.name === 'failed') void begun.then(() => loader.start());
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

/**
 * A model is here. What another one said to the photo on the stage is not this one's answer.
 * @param {import('./models/loader.js').Net} net
 * @returns {Photo | undefined} the photo, if this one has to be asked
 */
function introduce({ info }) {
  const another = !!engine && engine.model !== info.model;
  engine = info;
  if (info.kept || !info.own) remember('model', info.model);
  models.introduce(info);
  answerView.introduce(info);
  photoView.see(info.inputSize / info.shortSide);
  say(find('#model-credit', HTMLElement), 'footer.model', { title: info.title, license: info.license || '–', source: info.source || '–' });
  if (!another) return undefined;
  good = undefined;
  announce('models.answers', { title: info.title });
  if (!shown?.answer) return undefined; // it is in line already
  shown = { photo: shown.photo };
  inside?.present(shown.photo);
  return shown.photo;
}

const intake = { onPhotos: take, onModel: models.takeOwn, onRefusal: notices.refuse };

enter();
startIntake(intake);
addEventListener('online', () => {
  const { state } = loader;
  if (state.name === 'failed' && state.error instanceof Error && 'code' in state.error && state.error.code === 'offline') void loader.start();
});

createGallery({ onPick: photo => take([photo]), wait: savesData });
const begun = beginWith(recall('model')).then(({ choice, otherwise, ask }) => {
  loader.choose(choice, otherwise);
  if (ask) progress.ask(ask);
  else void loader.start();
});
