// What kinds of files are told apart: by the names in a zip archive, by first bytes, and by names.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zipOf } from './teachstore/zip.mjs';

const { isForeign, kindOf, teachableExport, teachableMachinePath, zipKind } =
  await import('../static/api/files/kinds.js');
const { picturesIn, recognize, unpackModel, unpackPictures } = await import('../static/api/files/files.js');

test('a zip archive is what the files in it are', () => {
  for (const [kind, names] of /** @type {const} */ ([
    ['pytorch', 'archive/data.pkl archive/data/0 archive/version'],
    ['pytorch', 'net/code/__torch__/net.py net/constants.pkl'],
    ['pytorch', 'runs/weights/best.pt runs/args.yaml'],
    ['keras', 'metadata.json config.json model.weights.h5'],
    ['keras', 'export/model.h5'],
    ['teachable-export', 'keras_model.h5 labels.txt'],
    ['teachable-export', 'model_unquant.tflite labels.txt'],
    ['teachable-export', 'model.savedmodel/saved_model.pb model.savedmodel/variables/variables.index labels.txt'],
    ['teachable-export', 'my-model/model.json my-model/weights.bin my-model/metadata.json'],
    ['tfjs', 'web_model/model.json web_model/group1-shard1of1.bin'],
    ['tensorflow', 'saved_model.pb variables/variables.index'],
    ['tflite', 'assets/net.tflite'],
    ['coreml', 'Net.mlpackage/Manifest.json Net.mlpackage/Data/com.apple.CoreML/Net.mlmodel'],
    ['numpy', 'fc.weight.npy fc.bias.npy'],
    ['weights', 'bert/pytorch_model.bin bert/config.json'],
    ['project', 'project.json pictures/Cats/1-a.jpg blocks/1.f16 weights/head.safetensors'],
    ['project', 'residua-project/project.json residua-project/pictures/Cats/1-a.jpg __MACOSX/._residua-project'],
    ['zip', 'project.json 83a9.wav'], // another program's project
    ['teachable-machine', 'manifest.json birds-!-0.jpg birds-!-1.jpg dogs-!-0.jpg'],
    ['zip-model', 'model.onnx labels.txt'],
    ['zip-model', 'resnet/model.safetensors resnet/pytorch_model.bin resnet/config.json resnet/example.jpg'],
    ['pictures', 'IMG_0.jpg IMG_1.JPEG'],
    ['pictures', 'dataset/birds/1.png dataset/dogs/2.webp dataset/labels.csv'],
    ['pictures', 'pets/1.jpg pets/features.h5'],
    ['zip', '__MACOSX/._IMG_0.jpg letter.txt'],
    ['zip', '[Content_Types].xml word/document.xml word/media/image1.png'],
    ['zip', 'birds.zip dogs.zip'],
    ['zip', 'empty/'],
    ['zip', ''],
  ])) assert.equal(zipKind(names.split(' ').filter(Boolean)), kind, names);
});

test('an export of Teachable Machine says its format, and a picture in its project says its class', () => {
  assert.equal(teachableExport(['keras_model.h5', 'labels.txt']), 'Keras');
  assert.equal(teachableExport(['model.json', 'weights.bin', 'metadata.json']), 'TensorFlow.js');
  assert.equal(teachableExport(['model_unquant.tflite', 'labels.txt']), 'TensorFlow Lite');
  assert.equal(teachableExport(['keras_model.h5']), '');
  assert.equal(teachableMachinePath('Blue tit-!-12.jpg'), 'Blue tit/Blue tit-!-12.jpg');
});

test('other files are known by their first bytes, and by their names where bytes do not tell', () => {
  const bytes = (/** @type {string} */ text) => Uint8Array.from(text, sign => sign.charCodeAt(0));
  for (const [kind, head, name] of /** @type {const} */ ([
    ['pytorch', '\x80\x02\x8A\nl', 'old.safetensors'],
    ['keras', '\x89HDF\r\n\x1A\n', 'model'],
    ['tflite', '\x1C\0\0\0TFL3', 'net.bin'],
    ['gguf', 'GGUF\x03', 'llama.bin'],
    ['numpy', '\x93NUMPY', 'x'],
    ['tensorrt', 'ftrt', 'net.bin'],
    ['archive', 'Rar!\x1A\x07\x01\0', 'a'],
    ['archive', '7z\xBC\xAF\x27\x1C', 'a'],
    ['archive', `${'a'.repeat(257)}ustar`, 'a'],
    ['archive', '\x1F\x8B\x08', 'pets.tar.gz'],
    ['tfjs', '{"format": "layers-model", "generatedBy": "keras"', 'model.json'],
    ['json', '{"id2label": {"0": "cat"}}', 'config.json'],
    ['safetensors', '\x40\0\0\0\0\0\0\0{"', 'model.bin'],
    ['picture', '\xFF\xD8\xFF\xE0', 'IMG_1'],
    ['picture', '?', 'IMG_1.HEIC'],
    ['pytorch', '', 'last.ckpt'], ['tensorflow', '', 'frozen.pb'], ['tensorrt', '', 'net.engine'],
    ['coreml', '\x08\x04\x12', 'Net.mlmodel'], ['tflite', '', 'a.tflite'], ['weights', '\xF0', 'weights.bin'],
    ['onnx', '\x08\x07', 'net.onnx'], ['other-model', '', 'yolo.weights'], ['unknown', 'Dear Sir', 'letter.txt'],
  ])) assert.equal(kindOf(bytes(head), name), kind, name);
  assert.deepEqual(/** @type {const} */ (['pytorch', 'weights', 'onnx', 'pictures', 'zip']).map(isForeign),
    [true, true, false, false, false]);
});

/** @param {Buffer} bytes @param {string} name */
const fileOf = (bytes, name) => new File([/** @type {any} */ (bytes)], name);
/** @param {string[]} names */
const archiveOf = (...names) =>
  zipOf(names.map(name => ({ name, data: Buffer.from(`bytes of ${name}`) })));

test('pictures come out of an archive with their folders; what is left out is named', async () => {
  const file = fileOf(archiveOf('b/2.jpg', 'a\\1.jpg', 'a/read me.txt', 'a/.DS_Store', '__MACOSX/a/._1.jpg', 'b/',
    '../evil.jpg'), 'Two folders.zip');
  const archive = await recognize(file);
  assert.equal(archive.kind, 'pictures');
  const { pictures, left } = picturesIn(archive, file.name);
  assert.deepEqual(pictures.map(({ path }) => path).sort(), ['Two folders/a/1.jpg', 'Two folders/b/2.jpg']);
  assert.deepEqual(left, ['a/read me.txt', '../evil.jpg']);
  const { files } = await unpackPictures(file, pictures);
  assert.deepEqual(files.map(({ file: { name, type } }) => `${name} ${type}`).sort(),
    ['1.jpg image/jpeg', '2.jpg image/jpeg']);
  assert.equal(await files.find(({ path }) => path.endsWith('/2.jpg'))?.file.text(), 'bytes of b/2.jpg');

  const inOne = await recognize(fileOf(archiveOf('data/a/1.jpg', 'data/b/2.jpg'), 'x.zip'));
  assert.deepEqual(picturesIn(inOne, 'x.zip').pictures.map(({ path }) => path), ['data/a/1.jpg', 'data/b/2.jpg']);
  const flat = await recognize(fileOf(archiveOf('1.jpg'), 'birds.zip'));
  assert.deepEqual(picturesIn(flat, 'birds.zip').pictures.map(({ path }) => path), ['birds/1.jpg']);
  const project = await recognize(fileOf(archiveOf('manifest.json', 'a-!-0.jpg', 'b-!-0.jpg'), 'my.tm'));
  assert.deepEqual(picturesIn(project, 'my.tm').pictures.map(({ path }) => path), ['my/a/a-!-0.jpg', 'my/b/b-!-0.jpg']);
  assert.deepEqual(picturesIn(project, 'my.tm').left, []);
});

test('names in older code pages are read', async () => {
  for (const [raw, name] of /** @type {[number[], string][]} */ ([
    [[0xC4, 0xF1, 0xC0, 0xE0, 0x2F, 0x31, 0x2E, 0x6A, 0x70, 0x67], '鸟类/1.jpg'],
    [[0x56, 0x94, 0x67, 0x65, 0x6C, 0x2F, 0x31, 0x2E, 0x6A, 0x70, 0x67], 'Vögel/1.jpg'],
  ])) {
    const bytes = zipOf([{ name: 'x'.repeat(raw.length), data: Buffer.from('1') }]);
    const named = String.fromCharCode(...raw);
    const whole = bytes.toString('latin1').replaceAll('x'.repeat(raw.length), named);
    const { entries } = await recognize(fileOf(Buffer.from(whole, 'latin1'), 'a.zip'));
    assert.deepEqual(entries.map(entry => entry.name), [name]);
  }
});

test('an archive cannot fill the memory, and what is damaged or locked is not taken', async () => {
  const data = Buffer.alloc(9);
  const huge = fileOf(zipOf([
    { name: 'ok.jpg', data }, { name: 'huge.jpg', data, size: 5e9 }, { name: 'large.jpg', data, size: 50e6 },
  ]), 'bomb.zip');
  const archive = await recognize(huge);
  const { pictures, left } = picturesIn(archive, 'bomb.zip');
  assert.deepEqual([pictures.length, left.sort()], [1, ['huge.jpg', 'large.jpg']]);

  // Each picture says that it has 40 MB, and together they have more than is unpacked: refused before any is read.
  const many = await recognize(fileOf(zipOf(Array.from({ length: 60 }, (_, i) =>
    ({ name: `${i}.jpg`, data, size: 40e6 }))), 'many.zip'));
  await assert.rejects(unpackPictures(huge, picturesIn(many, 'many.zip').pictures), /60 pictures of 2400 MB/);

  // One that holds more than it says is found out.
  const liar = { name: 'a.jpg', data: Buffer.alloc(1e5), size: 10 };
  const lying = fileOf(zipOf([liar, { name: 'b.jpg', data }]), 'lying.zip');
  const { files, broken } = await unpackPictures(lying, picturesIn(await recognize(lying), 'lying.zip').pictures);
  assert.deepEqual([files.map(({ path }) => path), broken], [['lying/b.jpg'], ['lying/a.jpg']]);

  const locked = fileOf(zipOf([{ name: 'a.jpg', data, flags: 1 }]), 'locked.zip');
  await assert.rejects(unpackPictures(locked, picturesIn(await recognize(locked), 'locked.zip').pictures), /password/);

  const controller = new AbortController();
  controller.abort();
  await assert.rejects(unpackPictures(huge, pictures, { signal: controller.signal }), { code: 'cancelled' });
  // The second of two files in the same place.
  const overlapping = fileOf(zipOf([{ name: 'a.jpg', data }, { name: 'b.jpg', data, offset: 0 }]), 'a.zip');
  assert.equal((await recognize(overlapping)).kind, 'broken-zip');
});

test('a model comes out of an archive with what lies beside it, and cut archives go by their names', async () => {
  const file = fileOf(archiveOf('model.onnx', 'labels.txt', 'preview.png', '.DS_Store'), 'export.zip');
  const archive = await recognize(file);
  assert.equal(archive.kind, 'zip-model');
  assert.deepEqual((await unpackModel(file, archive)).map(({ name }) => name), ['model.onnx', 'labels.txt']);
  // How far it is goes by bytes, and it can be cancelled on the way.
  const two = fileOf(zipOf([{ name: 'model.onnx', data: Buffer.alloc(3000) },
    { name: 'model.onnx.data', data: Buffer.alloc(1000) }]), 'two.zip');
  /** @type {{ done: number, total: number }[]} */
  const steps = [];
  await unpackModel(two, await recognize(two), { onProgress: step => steps.push(step) });
  assert.deepEqual(steps, [{ done: 3000, total: 4000 }, { done: 4000, total: 4000 }]);
  const controller = new AbortController();
  await assert.rejects(unpackModel(two, await recognize(two),
    { signal: controller.signal, onProgress: () => controller.abort() }), { code: 'cancelled' });
  const cut = archiveOf('archive/data.pkl').subarray(0, 40);
  assert.equal((await recognize(fileOf(cut, 'net.pth'))).kind, 'pytorch');
  assert.equal((await recognize(fileOf(cut, 'net.zip'))).kind, 'broken-zip');
  assert.equal((await recognize(fileOf(Buffer.alloc(0), 'net.zip'))).kind, 'broken-zip');
});

test('weights that Teach has saved are told from other safetensors files', async () => {
  const safetensors = (/** @type {object} */ metadata) => {
    const header = Buffer.from(JSON.stringify({ __metadata__: metadata }));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    return fileOf(Buffer.concat([length, header]), 'a.safetensors');
  };
  assert.equal((await recognize(safetensors({ 'residua.taught': '{}' }))).kind, 'taught');
  assert.equal((await recognize(safetensors({ format: 'pt' }))).kind, 'safetensors');
});
