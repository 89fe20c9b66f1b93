// Teach and all that goes with it: the room, what was taught answering in Classify, and links that somebody shared.

import { addressOf, readAddress } from '../address.js';
import { netOf } from '../session.js';
import { recall, remember } from '../settings.js';
import { createTeachGate } from './gate.js';
import { createMine } from './mine.js';
import { createTeach } from './room.js';
import { createShared } from './sharedlink.js';

/** @typedef {import('../session.js').State} State */

/**
 * @param {object} options
 * @param {import('../session.js').Session} options.session
 * @param {{ start: () => void, use: (model: string) => void, retire: (error: unknown) => void }} options.models
 */
export function createTeaching({ session, models }) {
  /** Whether what is taught is another model's: the room rests. */
  let isOther = false;
  const teach = createTeach({
    onFail(error, again) {
      models.retire(error);
      if (again) models.start();
    },
    onTaught() {
      // The next visit knows before any store is opened whether there is something to choose.
      remember('taught', teach.taught ? 'yes' : '');
      mine.offer(teach.taught && !isOther);
    },
  });
  const shared = createShared({
    teach: {
      adopt: teach.adopt,
      // A project that rests, for it is of another model, is there, and nothing takes its place.
      owned: () => isOther ? Promise.resolve({ classes: 1, pictures: 0, taught: true, free: false }) : teach.owned(),
    },
    onWanted: models.start,
    onLoaded(which) {
      session.update({ look: { ...session.state.look, room: 'classify' } });
      mine.use(which);
    },
    onClosed: () => history.replaceState(null, '', addressOf(readAddress(location.hash)) || location.pathname + location.search),
    onFail: models.retire,
  });
  const mine = createMine({ predict: teach.predict, predictShared: shared.predict, onFail: models.retire });
  const gate = createTeachGate({
    serve(net) {
      teach.serve(net);
      if (net && recall('taught')) teach.wake();
    },
    onUse: models.use,
    onOther(other) {
      isOther = other;
      teach.go(isHere(session.state));
      mine.offer(teach.taught && !other);
    },
  });

  /** Whether a person is in the room, and it works. @param {State} state */
  const isHere = ({ look }) => look.room === 'teach' && !isOther;

  /** @param {State} state */
  function serve({ model }) {
    const net = model.name === 'ready' ? model.net : undefined;
    teach.explain(model.name === 'stopped' || model.name === 'failed' ? model.name : 'coming');
    void gate.serve(net);
    shared.serve(net, model.name === 'failed' ? model.error : undefined);
  }

  session.subscribe((now, before) => {
    if (now.model !== before.model && (now.model.name !== before.model.name || netOf(now) !== netOf(before))) serve(now);
    if (now.look.room !== before.look.room) {
      teach.go(isHere(now));
      if (now.look.room !== 'classify') mine.leave();
    }
    // The photo is asked about once it has an answer: then it is one.
    if (now.answer !== before.answer || now.photo !== before.photo) showPhoto(now);
  });

  /** @param {State} state */
  function showPhoto({ photo, answer }) {
    if (photo && answer) mine.show(photo);
    else if (!photo) mine.show();
  }

  serve(session.state);
  teach.go(isHere(session.state));
  showPhoto(session.state);

  return {
    /** Asks whether to load what somebody shared. @param {string} id out of a link */
    open: shared.open,
  };
}
