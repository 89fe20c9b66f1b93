// The messages of the Skip lab to the view, as the page encodes them: the same bytes as in wasm/proto/view_test.go. And
// how long the session keeps what each block knows.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../static/page/session.js';
import * as codec from '../static/zviewcodec.js';

/** @param {ArrayBuffer} message */
const hexOf = message => Buffer.from(message).toString('hex');

/** @param {string} hex */
const plain = hex => hex.replace(/\s+/g, '');

test('the page encodes messages to the view as Go does', () => {
  const none = { activations: [], outputGradients: [], weightGradients: [] };
  assert.equal(hexOf(codec.encodeViewLab({
    networks: [{ name: 'é', layers: ['conv1', 'fc'] }, { name: '', layers: ['a'] }],
  })), plain('01 06  02000000 0200 c3a9 02000000 0500 636f6e7631 0200 6663 0000 01000000 0100 61'));
  assert.equal(hexOf(codec.encodeViewSignal({
    networks: [{ activations: new Float32Array([1, 0.5]), outputGradients: [2, Infinity], weightGradients: [0, 4] }],
  })), plain(`01 07  01000000
    02000000 0000803f 0000003f  02000000 00000040 0000807f  02000000 00000000 00008040`));
  assert.equal(hexOf(codec.encodeViewStep({
    step: 199, networks: [{ activations: [1], outputGradients: [2], weightGradients: [4] }, none],
  })), plain(`01 08  c7000000 02000000 01000000 0000803f 01000000 00000040 01000000 00008040
    00000000 00000000 00000000`));
  assert.equal(hexOf(codec.encodeViewLandscape({
    network: 1, side: 3, span: 0.5, losses: [1, 2, 1, 2, 0, 2, 1, 2, Infinity],
  })), plain(`01 09  01000000 03000000 0000003f
    09000000 0000803f 00000040 0000803f 00000040 00000000 00000040 0000803f 00000040 0000807f`));
  assert.equal(hexOf(codec.encodeViewPaths({ network: 3, lengths: [0, 2], counts: [1, 16], gradients: [0.5, 0] })),
    plain('01 0a  03000000 02000000 00000000 02000000 02000000 0000803f 00008041 02000000 0000003f 00000000'));
});

test('fields stand at their places where a message outgrows its buffer', () => {
  for (let letters = 1000; letters < 1050; letters++) {
    const name = 'n'.repeat(letters);
    const bytes = Buffer.from(codec.encodeViewLab({ networks: [{ name, layers: ['é', 'fc'] }] }));
    assert.equal(bytes.toString('hex', 0, 8), plain('01 06 01000000') + hexOf(new Uint16Array([letters]).buffer));
    assert.equal(bytes.toString('utf8', 8, 8 + letters), name);
    assert.equal(bytes.toString('hex', 8 + letters), plain('02000000 0200 c3a9 0200 6663'));
  }
});

test('a message of any length has no byte too many, and what is no count is refused', () => {
  const losses = new Float32Array(101 * 101);
  const message = codec.encodeViewLandscape({ network: 0, side: 101, span: 1, losses });
  assert.equal(message.byteLength, 2 + 4 + 4 + 4 + 4 + 4 * losses.length);
  const paths = { counts: [1], gradients: [1] };
  for (const length of [-1, 0.5, 2 ** 31, NaN]) {
    assert.throws(() => codec.encodeViewPaths({ network: 0, lengths: [length], ...paths }), RangeError);
  }
  assert.throws(() => codec.encodeViewLab({ networks: [{ name: 'x'.repeat(65536), layers: [] }] }), RangeError);
});

test('what the blocks of one network know is forgotten with another network', () => {
  const infoOf = (/** @type {string} */ model) => /** @type {any} */ ({ model, blocks: [] });
  const session = createSession(/** @type {any} */ ({}));
  /** @type {(readonly number[] | undefined)[]} */
  const heard = [];
  const unsubscribe = session.subscribe(({ knowledge }) => heard.push(knowledge));
  const [known, next] = [[0.3, 0.9], [0.5, 0.6]];
  session.update({ info: infoOf('a') });
  session.update({ knowledge: known });
  session.update({ info: infoOf('a'), appearance: 1 }); // loaded anew
  session.update({ info: infoOf('b') });
  session.update({ knowledge: next });
  session.update({ knowledge: undefined }); // other classes
  unsubscribe();
  session.update({ knowledge: known });
  assert.deepEqual(heard, [undefined, known, known, undefined, next, undefined]);
});
