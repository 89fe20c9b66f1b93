// Tells by their names the folders into which a data set is split: those to train, to validate and to test with.

/** What a part of a data set is for. @typedef {'train' | 'validation' | 'test'} Role */

/** @type {[Role, RegExp][]} */
const words = [
  ['train', /^\d*(train|training|trn)(set|data)?\d*$/],
  ['validation', /^\d*(val|valid|validation|validate|dev)(set|data)?\d*$/],
  ['test', /^\d*(test|testing|tst|eval|evaluation|holdout)(set|data)?\d*$/],
  ['train', /^\d*(训练|訓練)(集|数据|数据集|样本|图片|資料|資料集)?\d*$/],
  ['validation', /^\d*(验证|校验|驗證)(集|数据|数据集|样本|图片|資料|資料集)?\d*$/],
  ['test', /^\d*(测试|評估|评估|測試)(集|数据|数据集|样本|图片|資料|資料集)?\d*$/],
];

/** Words that such names have beside the one that counts, as in "1_train", "test images" and "val-set". */
const filler = /^(\d+|set|data|dataset|images?|imgs?|pics?|pictures?|photos?|split|folder|dir)$/;

/** Folders that hold the pictures of the one around them, and whose names say nothing. */
const container = /^(images?|imgs?|jpe?gimages|pics?|pictures?|photos?|data|dataset|图片|图像|圖片)$/i;

/**
 * What a folder of this name is for, or undefined where the name says nothing of that kind.
 * @param {string} name
 * @returns {Role | undefined}
 */
export function roleOf(name) {
  const parts = name.normalize('NFKC').replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
    .replace(/hold[\s._-]out/, 'holdout')
    .split(/[\s._-]+/)
    .filter(part => part && !filler.test(part));
  return parts.length === 1 ? words.find(([, word]) => word.test(parts[0]))?.[0] : undefined;
}

/** Whether a folder's name says only that there are pictures inside. @param {string} name */
export const isContainer = name => container.test(name.normalize('NFKC').trim());
