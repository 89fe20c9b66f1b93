// The port between the engine and the view, by the API: what the engine tells of each photo, and what the view asks.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { viewChannels, viewOverview } from '../../static/zproto.js';
import { firstState } from '../view/site.mjs';
import { settled } from '../view/settled.mjs';
import { root } from '../lib.mjs';
import { visit } from './harness.mjs';

test('the view is told of each photo that is traced with its answer, and gets the pages that it asks for', async t => {
  const page = await visit(t, {
    path: '/static/residua.js', // an address of the site without the page's own engine
    // The build puts the page's modules into bundles. Here one of them is wanted by itself.
    before: context => context.route('**/static/page/canvas/*.js', async route => route.fulfill({
      contentType: 'text/javascript',
      body: await readFile(join(root, 'web', new URL(route.request().url()).pathname)),
      headers: { 'cross-origin-resource-policy': 'same-origin' },
    })),
  });
  await page.evaluate(async state => {
    document.body.replaceChildren();
    const [{ Residua }, { mountView }] = await Promise.all(
      ['/static/residua.js', '/static/page/canvas/frame.js'].map(name => import(name)));
    const [photo, other] = await Promise.all(['dust-bowl-home', 'nagasaki-boats'].map(async name =>
      (await fetch(`/samples/${name}.jpg`)).blob()));
    const net = await Residua.load();
    await net.trace(photo, { topK: 1 });
    const container = document.body.appendChild(document.createElement('div'));
    container.style.height = '600px';
    const view = mountView(container, { onEvent: () => {} });
    view.setState(state);
    // Between the two is a listener. The second byte of a message is its kind.
    const [toEngine, toView] = [new MessageChannel(), new MessageChannel()];
    /** @type {number[]} */
    const told = [];
    /** @type {ArrayBuffer[]} */
    const asked = [];
    let heard = () => {};
    toEngine.port1.onmessage = ({ data }) => {
      told.push(new Uint8Array(data)[1]);
      toView.port1.postMessage(data);
      heard();
    };
    toView.port1.onmessage = ({ data }) => {
      asked.push(data.slice(0));
      toEngine.port1.postMessage(data);
      heard();
    };
    const until = async (/** @type {() => boolean} */ holds) => {
      while (!holds()) await new Promise(done => { heard = () => done(null); });
    };
    await net.connectView(toEngine.port2);
    view.connect(toView.port2);
    Object.assign(globalThis, { net, photo, other, view, state, told, asked, until, engine: toEngine.port1 });
  }, firstState);

  const title = 'an overview comes of the photo before, and of each trace with its answer; ' +
    'a photo that is only classified is not shown';
  await t.test(title, async () => {
    const told = await page.evaluate(async () => {
      const { net, photo, other, told, until } = /** @type {any} */ (globalThis);
      await until(() => told.length === 1);
      for (const ablate of [{ 5: 'residual' }, {}, { 3: 'residual' }]) {
        const before = told.length;
        await net.trace(photo, { topK: 1, ablate });
        await until(() => told.length > before);
      }
      await net.classify(other); // another photo in the queue is not the one on the stage
      await net.trace(photo, { topK: 5, ablate: { 3: 'residual' } }); // this is shown already
      await net.trace(photo, { topK: 1 });
      await until(() => told.length === 5);
      return told;
    });
    assert.deepEqual(told, Array(5).fill(viewOverview));
  });

  await t.test('questions without an answer change nothing, and the view gets its pages', async () => {
    await page.evaluate(async () => {
      const { net, other, view, state, told, until } = /** @type {any} */ (globalThis);
      told.length = 0;
      await net.trace(other);
      await net.cam(other);
      for (const block of [15, 0, 12]) {
        const before = told.length;
        view.setState({ ...state, scene: 'block', block });
        await until(() => told.length > before);
      }
      view.setState(state);
    });
    await settled(page);
    const { told, asked } = await page.evaluate(async () => {
      const { told, asked, until } = /** @type {any} */ (globalThis);
      await until(() => told.length >= asked.length);
      return { told, asked: asked.length };
    });
    assert.deepEqual(told, Array(asked).fill(viewChannels), 'each request has one answer');
  });

  await t.test('the sweep of the photo that is shown is told; a request of an older trace gets no answer', async () => {
    await settled(page);
    const told = await page.evaluate(async () => {
      const { net, photo, told, asked, until, engine } = /** @type {any} */ (globalThis);
      const [old] = asked;
      told.length = 0;
      await net.trace(photo, { topK: 1, ablate: { 2: 'residual' } });
      await until(() => told.length === 1);
      engine.postMessage(old);
      await net.sweep(photo);
      await until(() => told.length > 1);
      await net.filters();
      return told;
    });
    const sweep = 4; // as in wasm/proto; no script has to know it
    assert.deepEqual(told, [viewOverview, sweep]);
  });
});
