// residua.js as other people's pages call it, and miscall it: whatever a method is given, it does what was asked or
// refuses with a ResiduaError that says what would be right. No exception from inside comes out.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bareServer } from '../bareserver.mjs';
import { small } from '../lib.mjs';
import { visit } from './harness.mjs';

/** A row: a call, the code that it rejects with (or throws), and what the message says. */
const calls = /** @type {[call: string, code: string, says: RegExp][]} */ ([
  // Nothing, wrong types, unknown values, unknown names.
  ['Residua.load("resnet50")', 'bad-argument', /the options of load must be an object with model, .*not "resnet50"/],
  ['Residua.load(image)', 'bad-argument', /the options of load must be an object with .*not a Blob/],
  ['Residua.load(null)', 'bad-argument', /not null/],
  ['Residua.load({ modle: "resnet50" })', 'bad-argument', /load has no option "modle"; it has model, file, side/],
  ['Residua.load(Object.create({ modle: 1 }))', 'bad-argument', /no option "modle"/],
  ['Residua.load({ model: "" })', 'bad-argument', /model of load must be a model's name/],
  ['Residua.load({ model: 5 })', 'bad-argument', /model's name, and not 5/],
  ['Residua.load({ model: "resnet18" })', 'no-model',
    /no model "resnet18" in .*\/models\/\. .* resnet50, resnet50-int8\./],
  ['Residua.load({ models: "/nowhere" })', 'no-model',
    /in http.*\/nowhere\/\. Copy the folder models .* option models/],
  ['Residua.load({ models: "" })', 'bad-argument', /models of load must be an address/],
  ['Residua.load({ models: "http://[" })', 'bad-argument', /models of load must be an address/],
  ['Residua.load({ models: "/models?x=1" })', 'bad-argument', /must be the address of a folder/],
  ['Residua.load({ file: "x" })', 'bad-argument', /file must be a Blob/],
  ['Residua.load({ side: image })', 'bad-argument', /side of load must be a list of Files or Blobs/],
  ['Residua.load({ threads: -1 })', 'bad-argument', /threads of load must be a whole number from 0, and not -1/],
  ['Residua.load({ threads: "2" })', 'bad-argument', /whole number from 0, and not "2"/],
  ['Residua.load({ onProgress: 5 })', 'bad-argument', /onProgress of load must be a function/],
  ['Residua.load({ signal: new AbortController() })', 'bad-argument',
    /must be an AbortSignal, and not an AbortController/],
  ['Residua.load({ signal: AbortSignal.abort() })', 'cancelled', /^Cancelled/],
  ['Residua.models("x")', 'bad-argument', /options of models/],
  ['Residua.forget()', 'bad-argument', /model of forget must be a model's name, and not undefined/],
  ['Residua.forget("../x")', 'bad-argument', /and not "\.\.\/x"/],
  ['(0, Residua.load)()', 'bad-argument', /must be called as Residua\.load/],
  ['Residua.base = ""', 'bad-argument', /base must be an address/],
  ['new Residua().classify(image)', 'bad-argument', /classify must be called on a network that Residua\.load has made/],
  ['(0, net.classify)(image)', 'bad-argument', /classify must be called on a network/],
  ...['', 'null', '5', '""', '"http://["', '{}', 'document.createElement("p")'].map(image =>
    /** @type {[string, string, RegExp]} */ ([`net.classify(${image})`, 'bad-argument', /an image must be a Blob/])),
  ['net.classify("/nowhere.jpg")', 'http', /answered 404 for \/nowhere\.jpg/],
  ['net.classify("/samples/samples.json")', 'not-an-image', /not a picture/],
  ['net.classify(new Image())', 'bad-argument', /no pixels that can be read/],
  ['net.classify(document.createElement("video"))', 'bad-argument', /the video shows no picture yet; wait for/],
  ['net.classify(closedFrame)', 'bad-argument', /no pixels that can be read/],
  ['teacher.add("empty", closedFrame)', 'bad-argument', /no pixels that can be read/],
  ['net.classify(image, 5)', 'bad-argument',
    /options of classify must be an object with topK, ablate or signal, and not 5/],
  ['net.classify(image, { topk: 3 })', 'bad-argument', /classify has no option "topk"; it has topK, ablate and signal/],
  ['net.classify(image, { topK: 0 })', 'bad-argument', /topK of classify must be a whole number from 1/],
  ['net.classify(image, { ablate: "x" })', 'bad-argument', /ablate of classify must be an object/],
  ['net.classify(image, { ablate: { 1: "all" } })', 'bad-argument', /to "residual" or "shortcut"/],
  ['net.classify(image, { ablate: { 99: "residual" } })', 'bad-argument',
    /no block 99; the network has the blocks 0 to/],
  ['net.features(image, { topK: 1 })', 'bad-argument', /features has no option "topK"; it has signal/],
  ['net.trace(image, { block: 99 })', 'bad-argument', /no block 99/],
  ['net.cam(image, { method: "gradcam" })', 'bad-argument',
    /must be "cam", "grad-cam" or "occlusion", and not "gradcam"/],
  ['net.cam(image, { classIndex: 5000 })', 'bad-argument', /no class 5000; the network has the classes 0 to 999/],
  ['net.cam(image, { source: "z" })', 'bad-argument', /source of cam must be "x"/],
  ['net.cam(image, { method: "occlusion", size: 1e5 })', 'bad-argument', /must be 1 to 224 pixels/],
  ['net.sweep(image, { classIndex: "barn" })', 'bad-argument', /classIndex of sweep must be a whole number/],
  ['net.connectView()', 'bad-argument', /port of connectView must be a MessagePort/],
  ['net.profile({ runs: 0 })', 'bad-argument', /runs of profile must be a whole number from 1/],
  ['net.teach({ store: {} })', 'bad-argument', /store of teach must be a store from openStore/],
  ['teacher.addClass()', 'bad-argument', /name of addClass must be a text, and not undefined/],
  ['teacher.addClass("  ")', 'bad-argument', /a class needs a name/],
  ['teacher.addClass("empty")', 'bad-argument', /there is a class "empty" already/],
  ['teacher.rename()', 'bad-argument', /name of rename must be a text/],
  ['teacher.renameClass("empty")', 'bad-argument', /new name of renameClass must be a text/],
  ['teacher.removeClass("nobody")', 'bad-argument', /there is no class "nobody"/],
  ['teacher.add("empty")', 'bad-argument', /an image must be a Blob/],
  ['teacher.add("nobody", image)', 'bad-argument', /there is no class "nobody"/],
  ['teacher.add("empty", "/nowhere.jpg")', 'http', /answered 404/],
  ['teacher.add("empty", new Image())', 'bad-argument', /no pixels that can be read/],
  ['teacher.add("empty", new Blob(["x"]))', 'not-an-image', /not a picture/],
  ['teacher.add("empty", image, { tset: true })', 'bad-argument', /add has no option "tset"/],
  ['teacher.move("p1", "empty")', 'bad-argument', /ids of move must be a list of texts/],
  ['teacher.move(["p99"], "empty")', 'bad-argument', /there is no picture p99/],
  ['teacher.remove("p1")', 'bad-argument', /ids of remove must be a list of texts/],
  ['teacher.blob("p99")', 'bad-argument', /there is no picture p99/],
  ['teacher.maxPictures({ method: "foo" })', 'bad-argument', /method of maxPictures must be "class-means", /],
  ['teacher.train()', 'cannot-teach', /there are no pictures yet; add two classes, and some pictures to each/],
  ['teacher.train({ layers: "deep" })', 'bad-argument', /train has no option "layers"; it has method, blocks, depth/],
  ['teacher.train({ depth: "deep" })', 'bad-argument', /depth of train must be a whole number from 1/],
  ['teacher.train({ method: "deep" })', 'bad-argument',
    /method of train must be .*"last-block" or "scratch", and not "deep"/],
  ['teacher.train({ seed: "x" })', 'bad-argument', /seed of train must be a whole number/],
  ['teacher.predict(image)', 'bad-argument', /nothing was taught yet; call train first/],
  ['teacher.predict(image, { ablate: { 0: "all" } })', 'bad-argument', /ablate of predict/],
  ['teacher.trace(image, { topK: 3 })', 'bad-argument', /trace has no option "topK"/],
  ['teacher.trace(image)', 'bad-argument', /nothing was taught yet; call train first/],
  ['teacher.sweep(image)', 'bad-argument', /index of sweep must be a whole number from 0, and not undefined/],
  ['teacher.cam(image, { index: 0, map: "gradcam" })', 'bad-argument', /map of cam must be "cam", "grad-cam"/],
  ['teacher.cam(image)', 'bad-argument', /index of cam must be a whole number from 0, and not undefined/],
  ['teacher.evaluate({ method: "foo" })', 'bad-argument', /method of evaluate/],
  ['teacher.compare()', 'bad-argument', /base of compare must be a run of train/],
  ['teacher.export()', 'bad-argument',
    /format of export must be "project", "safetensors", "onnx", "head" or "last-block"/],
  ['teacher.export("foo")', 'bad-argument', /and not "foo"/],
  ['teacher.export("head")', 'bad-argument', /by the method "head" yet; call train\(\{ method: "head" \}\) first/],
  ['teacher.export("onnx")', 'bad-argument', /nothing was taught yet/],
  ['teacher.import("x")', 'bad-argument', /file of import must be a File or Blob/],
  ['teacher.import(new Blob(["x"]))', 'bad-weights', /neither a project of Residua's nor weights/],
  ['teacher.import(new Blob([]))', 'bad-weights', /the file is empty/],
  ['teacher.share({ names: "x" })', 'bad-argument', /names of share must be a list of texts/],
  ['teacher.importShared()', 'bad-argument', /must be a link, or the ID in it/],
  ['teacher.importShared("x")', 'no-share', /no such share/],
  ['teacher.restore(5)', 'bad-argument', /options of restore/],
  ['checkFile()', 'bad-argument', /file of checkFile/],
  ['openStore({ nmae: "x" })', 'bad-argument', /openStore has no option "nmae"/],
  ['storedModel(5)', 'bad-argument', /options of storedModel/],
  ['sharing.fetchShare()', 'bad-argument', /a link, or the ID in it/],
  ['sharing.share()', 'bad-argument', /head of share/],
  ['sharing.linkOf("x")', 'bad-argument', /32 hexadecimal digits/],
  ['sharing.nameFault()', 'bad-argument', /name of nameFault/],
  // What was taught by another method, or is too much.
  ['taught.export("last-block")', 'bad-argument',
    /by the method "last-block" yet; call train\(\{ method: "last-block" \}\)/],
  ['taught.predict(image, { method: "last-block" })', 'bad-argument', /by the method "last-block" yet/],
  ['taught.cam(image, { index: 9 })', 'bad-argument', /no class 9; the taught network has the classes 0 to 1/],
  ['taught.train({ augmentations: 1e9 })', 'bad-argument', /are too many for "head"/],
  ['taught.share({ names: ["one"] })', 'bad-argument', /there are 2 classes, and the names given are 1/],
  // After close.
  ...[
    'closed.classify(image)', 'closed.features(image)', 'closed.trace(image)', 'closed.cam(image)',
    'closed.sweep(image)', 'closed.filters()', 'closed.profile()', 'closed.teach().import(new Blob(["x"]))',
    'taughtClosed.predict(image)', 'taughtClosed.cam(image, { index: 0 })', 'taughtClosed.train()',
    'taughtClosed.export("onnx")', 'taughtClosed.map()', 'taughtClosed.add("one", image)',
  ].map(call =>
    /** @type {[string, string, RegExp]} */ ([call, 'closed', /Load it again/])),
]);

/** Calls that are odd, and right. @type {[call: string, result: unknown][]} */
const rights = [
  ['net.classify(image, { topK: 1e5, signal: undefined }).then(({ predictions }) => predictions.length)', 1000],
  ['net.classify(image, undefined).then(({ predictions }) => predictions.length)', 5],
  ['Promise.all([net.classify(image), net.profile({ runs: 1 }), net.classify(other)]).then(all => all.length)', 3],
  // The picture of a video, and one of its frames, are images like the canvas that they come from.
  ['same(net, [canvas, new VideoFrame(canvas, { timestamp: 0 }), video])', true],
  ['same(taught, [canvas, new VideoFrame(canvas, { timestamp: 0 }), video])', true],
  ['taught.add("one", video).then(({ id }) => taught.remove([id]))', undefined],
  ['Promise.all([taught.train(), taught.train()]).then(runs => runs.every(run => run.validation))', true],
  ['Residua.load({ models: "/models" }).then(net => net.close())', undefined],
  ['Residua.load({ models: new URL("models/", origin) }).then(net => net.close())', undefined],
  ['Residua.base = "/", Residua.base === `${origin}/`', true],
  ['Residua.forget("resnet18")', undefined],
  ['teacher.remove(["p99"])', undefined],
  ['closed.close()', undefined],
  ['taughtClosed.ready()', undefined],
];

/** What the calls are about, as text for the page. */
const scene = `
  const { Residua, checkFile, openStore, storedModel, sharing } = await import('/static/residua.js');
  const { origin } = location;
  const [image, other] = await Promise.all(['dust-bowl-home', 'nagasaki-boats'].map(async name =>
    (await fetch('/samples/' + name + '.jpg')).blob()));
  const teach = async net => {
    const teacher = net.teach();
    for (const name of ['one', 'two']) await teacher.addClass(name);
    for (const [name, colour] of [['one', 'red'], ['one', 'blue'], ['two', 'lime'], ['two', 'black']]) {
      const canvas = new OffscreenCanvas(50, 50);
      Object.assign(canvas.getContext('2d'), { fillStyle: colour }).fillRect(0, 0, 50, 50);
      await teacher.add(name, canvas);
    }
    await teacher.train();
    return teacher;
  };
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
  const drawing = setInterval(() => canvas.getContext('2d').drawImage(still, 0, 0, 320, 240), 50);
  const still = await createImageBitmap(other);
  const video = Object.assign(document.createElement('video'), { muted: true, srcObject: canvas.captureStream() });
  await video.play();
  const closedFrame = new VideoFrame(canvas, { timestamp: 0 });
  closedFrame.close();
  const same = async (network, images) => {
    const labels = new Set();
    for (const image of images) {
      const { predictions } = await (network.classify ? network.classify(image) : network.predict(image));
      labels.add(predictions[0].label);
    }
    return labels.size === 1;
  };
  const net = await Residua.load();
  const closed = await Residua.load();
  const teacher = net.teach();
  await teacher.addClass('empty');
  const [taught, taughtClosed] = [await teach(net), await teach(closed)];
  closed.close();`;

test('every method refuses what it cannot do, with a sentence that says what would be right', async t => {
  const page = await visit(t, { path: '/static/residua.js' });
  // As a text, for the page's policy forbids making functions of texts in it.
  const table = [...calls, ...rights].map(([call]) => `() => { return ${call}; }`).join(',\n');
  /** @type {{ name?: string, code?: string, message?: string, value?: unknown }[]} */
  const results = await page.evaluate(`(async () => {${scene}
    const results = [];
    for (const call of [${table}]) {
      try {
        results.push({ value: await call() });
      } catch ({ name, code, message }) {
        results.push({ name, code, message });
      }
    }
    return results;
  })()`);
  for (const [i, [call, code, says]] of calls.entries()) {
    const { name, message } = results[i];
    assert.deepEqual({ name, code: results[i].code }, { name: 'ResiduaError', code }, `${call}: ${message}`);
    assert.match(message ?? '', says, call);
  }
  for (const [i, [call, value]] of rights.entries()) assert.deepEqual(results[calls.length + i], { value }, call);
});

test('models of another origin need its leave, and without it the message says which', async t => {
  const anybody = { 'access-control-allow-origin': '*' };
  const servers = await Promise.all([undefined, undefined, anybody].map(headers =>
    bareServer(() => small, { headers })));
  t.after(() => Promise.all(servers.map(server => server.close())));
  const [here, closed, open] = servers.map(({ origin }) => origin);
  const gone = await bareServer(() => small);
  await gone.close();
  const page = await visit(t); // for the browser; its policy lets it ask its own host only
  const plain = await page.context().browser()?.newPage();
  if (!plain) throw new Error('there is no browser');
  t.after(() => plain.close());
  await plain.goto(`${here}/samples/samples.json`);
  const load = (/** @type {string} */ models) => plain.evaluate(async models => {
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    return Residua.load({ models }).then(
      (/** @type {any} */ net) => net.close() ?? 'loaded',
      (/** @type {any} */ { code, message }) => `${code}: ${message}`);
  }, models);
  assert.equal(await load(`${open}/models`), 'loaded');
  assert.match(await load(`${closed}/models`), /^cross-origin: .*Access-Control-Allow-Origin \(CORS\)/);
  assert.match(await load(`${gone.origin}/models`), /^offline: /);
  const picture = await plain.evaluate(async url => {
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    const net = await Residua.load();
    return net.classify(url).catch((/** @type {any} */ { code }) => code);
  }, `${closed}/samples/nagasaki-boats.jpg`);
  assert.equal(picture, 'cross-origin');
  // A static host has nothing that keeps a share.
  const shared = await plain.evaluate(async () => {
    const { sharing } = await import(/** @type {any} */ ('/static/residua.js'));
    return sharing.share(new Blob(['x'])).catch((/** @type {any} */ { code, message }) => `${code}: ${message}`);
  });
  assert.match(shared, /^http: This host keeps no shares: it answered 404 for /);
  // The script itself from another origin: browsers start no worker of it.
  const script = await plain.evaluate(async url => {
    const { Residua } = await import(/** @type {any} */ (url));
    return Residua.load().catch((/** @type {any} */ { code, message }) => `${code}: ${message}`);
  }, `${open}/static/residua.js`);
  assert.match(script, /^cross-origin: This page may not start the worker .*Put the folder static/);
});

test('without isolation one thread computes', async t => {
  const page = await visit(t, {
    path: '/static/residua.js',
    before: context =>
      context.route('**/*', async route => {
        const response = await route.fetch();
        const headers = { ...response.headers() };
        delete headers['cross-origin-opener-policy'];
        delete headers['cross-origin-embedder-policy'];
        await route.fulfill({ response, headers });
      }),
  });
  const { isolated, threads, best } = await page.evaluate(async () => {
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    const net = await Residua.load({ threads: 2 });
    const [best] = (await net.classify('/samples/dust-bowl-home.jpg')).predictions;
    net.close();
    return { isolated: crossOriginIsolated, threads: net.info.threads, best };
  });
  assert.equal(isolated, false);
  assert.equal(threads, 1);
  assert.equal(best.label, 'barn');
});
