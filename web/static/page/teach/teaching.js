// Ties Teach to the session: the room, what was taught answering in Classify, and links that somebody shared.

import { addressOf } from '../address.js';
import { isSameOffer, netOf } from '../session.js';
import { recall, remember } from '../settings.js';
import { createModelCheck } from './modelcheck.js';
import { createOwnClasses } from './ownclasses.js';
import { createTeach } from './room.js';
import { createSharedLink } from './sharedlink.js';

/** @typedef {import('../session.js').State} State */
/** @typedef {import('../session.js').Session} Session */

/**
 * @param {object} options
 * @param {Session} options.session
 * @param {{ start: () => void, use: (model: string) => void, retire: (error: unknown) => void }} options.models
 */
export function createTeaching({ session, models }) {
  /** Whether the project is another model's. Then the room rests. */
  let isOther = false;
  const teach = createTeach({
    onFail(error, restart) {
      models.retire(error);
      if (restart) models.start();
    },
    onTaught() {
      // The next visit knows before any store is opened whether there is something to choose.
      remember('taught', teach.offer ? 'yes' : '');
      offerOwn();
    },
    onNetwork(name) {
      modelCheck.expect();
      models.use(name);
    },
    onOther: () => modelCheck.again(),
    onProbed: probed => session.update({ knowledge: probed && probed.map(({ accuracy: { k, n } }) => k / n) }),
  });
  const shared = createSharedLink({
    teach: {
      adopt: teach.adopt,
      // The project of another model is there, and nothing may replace it.
      owned: async () => (isOther ? { classes: 1, pictures: 0, taught: true, free: false } : teach.owned()),
    },
    onWanted: models.start,
    onOffer: offer => ownClasses.offer('shared', offer),
    onLoaded(which) {
      session.update({ look: { ...session.state.look, room: 'classify' } });
      ownClasses.use(which);
    },
    // Takes the shared link out of the address.
    onClosed: () => history.replaceState(null, '', addressOf(session.state.look) ||
      location.pathname + location.search),
    onFail: models.retire,
  });
  const ownClasses = createOwnClasses({
    session,
    onAdd({ blob, name }) {
      session.update({ look: { ...session.state.look, room: 'teach' } });
      void teach.tryPicture(blob, name);
    },
    onFail: models.retire,
  });
  const modelCheck = createModelCheck({
    serve(net) {
      teach.serve(net);
      if (net && recall('taught')) teach.wake();
    },
    onUse: models.use,
    isElsewhere: teach.isElsewhere,
    takeAlong: teach.takeAlong,
    onOther(other) {
      isOther = other;
      teach.go(isHere(session.state));
      offerOwn();
    },
  });

  /** Offers what the project has, unless it is another model's. A classifier that is still the same stays. */
  function offerOwn() {
    const offer = isOther ? undefined : teach.offer;
    if (!isSameOffer(offer, session.state.offered.own)) ownClasses.offer('own', offer);
  }

  /** Whether a person is in the room, and it works. @param {State} state */
  const isHere = ({ look }) => look.room === 'teach' && !isOther;

  /** @param {State} state */
  function serve(state) {
    const { model } = state;
    const net = netOf(state);
    teach.explain(model.name === 'stopped' || model.name === 'failed' ? model.name : 'coming');
    void modelCheck.serve(net);
    shared.serve(net, model.name === 'failed' ? model.error : undefined);
  }

  session.subscribe((now, before) => {
    if (now.model.name !== before.model.name || netOf(now) !== netOf(before)) serve(now);
    if (now.look.room !== before.look.room) teach.go(isHere(now));
  });

  serve(session.state);
  teach.go(isHere(session.state));

  return {
    /** Asks whether to load what somebody shared. @param {string} id  out of a link */
    open: shared.open,

    /** Brings back shared classes that answered in this tab before it was reloaded. */
    reopen: shared.reopen,

    /** Takes a file that was dropped in another room, as soon as the project is there. @param {File} file */
    take: teach.take,

    /** The pictures of each class. */
    pictures: teach.pictures,
  };
}
