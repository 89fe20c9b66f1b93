// Unit tests of how Teach reads folders: which folders are classes, and which split a data set.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFolders } from '../static/page/teach/datasetfolders.js';
import { roleOf } from '../static/page/teach/splitnames.js';

/** @typedef {import('../static/page/teach/datasetfolders.js').Wish} Wish */

/**
 * What is read, with a count for each class: "birds 6", or "birds 8+2" with two pictures to be judged by.
 * @param {string} listing  one path a word; "train/birds/*3" is three pictures
 * @param {Wish} [wish]
 */
function read(listing, wish) {
  const files = listing.split(/\s+/).filter(Boolean).flatMap(path => {
    const [, folder, count] = path.match(/^(.*)\*(\d+)$/) ?? [];
    const paths = count ? Array.from({ length: Number(count) }, (_, i) => `${folder}${i}.jpg`) : [path];
    return paths.map(one => ({ path: one, file: new Blob([one]) }));
  });
  const { classes, split, ...rest } = readFolders(files, wish);
  return {
    classes: classes.map(({ name, learn, judge }) =>
      `${name} ${learn.length}${judge.length > 0 ? `+${judge.length}` : ''}`).join(', '),
    split: split && `${split.learn.join(' ')} | ${split.judge.join(' ')}`,
    ...Object.fromEntries(Object.entries(rest).filter(([, list]) => list.length > 0)),
  };
}

const dataset = `pets/train/birds/*6 pets/train/dogs/*6 pets/val/birds/*2 pets/val/dogs/*2
  pets/test/birds/*2 pets/test/dogs/*2 pets/README.dataset.txt`;

for (const [name, listing, want] of /** @type {[string, string, object][]} */ ([
  ['folders are classes', 'pets/cat/*2 pets/dog/*3', { classes: 'cat 2, dog 3', split: null }],
  ['a folder of pictures is a class', 'cat/*2', { classes: 'cat 2', split: null }],
  ['several folders', 'cat/*2 dog/*1', { classes: 'cat 2, dog 1', split: null }],
  ['pictures beside folders are a class', 'pets/cat/*2 pets/*1', { classes: 'cat 2, pets 1', split: null }],
  ['a split', dataset,
    { classes: 'birds 8+2, dogs 8+2', split: 'train val | test', stray: ['pets/README.dataset.txt'] }],
  ['a split that was dropped as its parts', 'train/a/*2 train/b/*2 test/a/*1',
    { classes: 'a 2+1, b 2', split: 'train | test' }],
  ['only the part to train with', 'train/a/*2 train/b/*2', { classes: 'a 2, b 2', split: 'train | ' }],
  ['a data set of one part', 'pets/train/a/*2 pets/train/b/*2', { classes: 'a 2, b 2', split: 'train | ' }],
  ['a class of the part to train with', 'train/a/*2', { classes: 'a 2', split: 'train | ' }],
  ['only the part to test with is learnt from', 'test/a/*2 test/b/*2', { classes: 'a 2, b 2', split: 'test | ' }],
  ['numbers, capitals, spaces', '1_Train/a/*2 2-VALID/a/*1 3._Hold-Out/a/*1',
    { classes: 'a 3+1', split: '1_Train 2-VALID | 3._Hold-Out' }],
  ['Chinese', '花/训练集/玫瑰/*2 花/验证集/玫瑰/*1 花/测试集/玫瑰/*1', { classes: '玫瑰 3+1', split: '训练集 验证集 | 测试集' }],
  ['deep inside', 'a/b/c/train/x/*1 a/b/c/test/x/*1', { classes: 'x 1+1', split: 'train | test' }],
  ['a part in a part', 'seg/train/train/x/*1 seg/train/train/y/*1 seg/test/test/x/*1',
    { classes: 'x 1+1, y 1', split: 'train | test' }],
  ['a folder of images in a part', 'd/train/images/x/*1 d/train/images/y/*1 d/test/images/x/*1',
    { classes: 'x 1+1, y 1', split: 'train | test' }],
  ['parts inside each class', 'd/x/train/*2 d/x/test/*1 d/y/train/*3 d/y/val/*1',
    { classes: 'x 2+1, y 4', split: 'train val | test' }],
  ['classes with parts that are dropped side by side', 'x/train/*2 x/test/*1 y/train/*3 y/test/*1',
    { classes: 'x 2+1, y 3+1', split: 'train | test' }],
  ['names in other letters', 'd/train/NORMAL/*2 d/test/normal/*1', { classes: 'NORMAL 2+1', split: 'train | test' }],
  ['two classes that differ in letters', 'd/train/A/*2 d/train/a/*2 d/test/a/*1',
    { classes: 'A 2, a 2+1', split: 'train | test' }],
  ['a name composed in two ways', 'd/train/Caf\u00e9/*1 d/test/Cafe\u0301/*1',
    { classes: 'Caf\u00e9 1+1', split: 'train | test' }],
  ['a data set and a class', 'd/train/x/*2 d/test/x/*1 y/*2', { classes: 'x 2+1, y 2', split: 'train | test' }],
  ['a class called train', 'd/train/*2 d/bus/*2 d/car/*2', { classes: 'train 2, bus 2, car 2', split: null }],
  ['a class called train with folders inside', 'd/train/steam/*2 d/bus/*2',
    { classes: 'train 2, bus 2', split: null, nested: ['train'] }],
  ['a class called test', 'd/test/*2 d/cat/*2', { classes: 'test 2, cat 2', split: null }],
  ['parts without classes', 'd/train/*2 d/test/*1',
    { classes: 'train 2, test 1', split: null, unclear: ['train', 'test'] }],
  ['boxes around things', 'd/train/images/*2 d/train/labels/a.txt d/valid/images/*1',
    { classes: 'train 2, valid 1', split: null, stray: ['d/train/labels/a.txt'], unclear: ['train', 'valid'] }],
  ['a folder that is no part beside parts', 'd/train/x/*2 d/test/x/*1 d/more/*1',
    { classes: 'train 2, test 1, more 1', split: null, nested: ['train', 'test'], unclear: ['train', 'test'] }],
  ['test pictures without classes', 'd/train/x/*2 d/test/*1',
    { classes: 'x 2', split: 'train | ', unsorted: ['d/test/0.jpg'] }],
  ['a class that only test pictures show', 'd/train/x/*2 d/test/unknown/*1',
    { classes: 'x 2', split: 'train | test', unsorted: ['d/test/unknown/0.jpg'] }],
  ['pictures beside the classes of a part', 'd/train/x/*2 d/train/*1 d/*1',
    { classes: 'x 2', split: 'train | ', unsorted: ['d/0.jpg', 'd/train/0.jpg'] }],
  ['folders inside classes', 'd/dogs/husky/*2 d/dogs/pug/*1 d/cats/*1',
    { classes: 'dogs 3, cats 1', split: null, nested: ['dogs'] }],
  ['an archive that holds its folder', 'pets/pets/cat/*1 pets/pets/dog/*1', { classes: 'cat 1, dog 1', split: null }],
  ['empty folders and files that are none', 'd/x/*1 d/y/notes.txt d/z/.DS_Store d/.git/a.png d/__MACOSX/x/._a.jpg',
    { classes: 'x 1', split: null, stray: ['d/y/notes.txt'] }],
  ['lists beside classes', 'd/x/*1 d/x/Thumbs.db d/_annotations.csv d/classes.txt d/labels d/x/film.mp4',
    { classes: 'x 1', split: null, stray: ['d/_annotations.csv', 'd/classes.txt', 'd/labels', 'd/x/film.mp4'] }],
  ['pictures without an ending', 'd/x/0001 d/x/b.001 d/x/c.HEIC', { classes: 'x 3', split: null }],
  ['paths of Windows', 'd\\train\\x\\a.jpg ./d/test/x/a.jpg', { classes: 'x 1+1', split: 'train | test' }],
  ['pictures without a folder', 'a.jpg x/b.jpg', { classes: 'x 1', split: null, unsorted: ['a.jpg'] }],
  ['nothing', 'd/a.txt', { classes: '', split: null, stray: ['d/a.txt'] }],
])) {
  test(`folders: ${name}`, () => assert.deepEqual(read(listing), want));
}

test('a person may read a split in another way', () => {
  const stray = ['pets/README.dataset.txt'];
  assert.deepEqual(read(dataset, { judge: ['validation', 'test'] }),
    { classes: 'birds 6+4, dogs 6+4', split: 'train | val test', stray });
  assert.deepEqual(read(dataset, { judge: [] }), { classes: 'birds 10, dogs 10', split: 'train val test | ', stray });
  assert.deepEqual(read(dataset, { split: false }),
    { classes: 'train 12, val 4, test 4', split: null, stray, nested: ['train', 'val', 'test'] });
  assert.deepEqual(read('d/x/train/*2 d/x/test/*1', { split: false }).classes, 'x 3');
});

test('test pictures that come later are for judging the classes that are there', () => {
  const known = ['a', 'b'];
  assert.deepEqual(read('test/a/*2 test/c/*1', { known }),
    { classes: 'a 0+2', split: ' | test', unsorted: ['test/c/0.jpg'] });
  assert.deepEqual(read('test/c/*1', { known }), { classes: 'c 1', split: 'test | ' });
});

test('a data set of very many pictures is read', () => {
  const file = new Blob();
  const files = Array.from({ length: 300_000 }, (_, i) => ({ path: `d/train/x/${i}.jpg`, file }));
  assert.equal(readFolders(files).classes[0].learn.length, files.length);
});

test('names of the parts of data sets, and names that are none', () => {
  for (const [role, names] of /** @type {[string | undefined, string][]} */ ([
    ['train', 'train Training TRAIN train_set trainSet 01-train images_train train2017 训练 训练集'],
    ['validation', 'val valid validation dev Val-Images 验证集'],
    ['test', 'test testing eval holdout hold-out hold_out test_data 测试'],
    [undefined, 'trains contest testa latest device value training-shoes test-tube evaluate-me data 1 cat'],
  ])) {
    for (const name of names.split(' ')) assert.equal(roleOf(name), role, name);
  }
});
