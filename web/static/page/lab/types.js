// The types of Skip lab: its settings, as the API takes them, and what comes back.

/** @typedef {'add' | 'none' | 'product' | 'maximum' | 'gate'} Join */
/** @typedef {'relu' | 'leaky-relu' | 'tanh' | 'silu'} Activation */
/** @typedef {'he-out' | 'he-in' | 'xavier'} Init */

/**
 * @typedef {object} NetworkSettings
 * @property {number} depth  layers with weights, but for those on shortcuts
 * @property {Join} join  how a block joins its input to what it computes; none: a plain network
 * @property {boolean} norm  whether batch normalisation follows each convolution
 * @property {boolean} preActivation
 * @property {number} width  channels of the first stage
 * @property {Activation} activation
 * @property {Init} init
 * @property {boolean} zeroLast  whether what a block computes starts at zero
 */

/** A class of a person's own, out of Teach. @typedef {{ name: string, pictures: Blob[] }} OwnClass */
/** @typedef {'digits' | 'shapes' | 'emoji' | 'own'} DataName */

/**
 * @typedef {object} DataSettings
 * @property {DataName} name
 * @property {string} task  of shapes: what is to be told; else empty
 * @property {string} domain  how the pictures look; empty: in every way
 * @property {number} size  the pictures' height and width
 * @property {number} train  how many pictures the networks learn from
 * @property {number} held  how many pictures are held out
 * @property {number} difficulty  of shapes, 0 … 1
 */

/** @typedef {{ mirror: boolean, shift: number, cut: number }} Augment  shift and cut are in pixels */

/**
 * @typedef {object} Settings
 * @property {DataSettings} data
 * @property {number} batch
 * @property {number} steps
 * @property {number} seed
 * @property {'sgd' | 'adamw'} optimizer
 * @property {number} rate
 * @property {number} momentum
 * @property {boolean} nesterov
 * @property {number} warmup  in steps
 * @property {'cosine' | 'step' | 'constant'} schedule
 * @property {number} weightDecay
 * @property {number} clip  the largest norm of all gradients together; 0: any
 * @property {number} smoothing
 * @property {Augment} augment
 * @property {NetworkSettings[]} networks
 */

/** @typedef {{ name: string, stage: number, block: number, kind: string, depth: number }} Layer */

/**
 * The norms of a network's layers, one number for each.
 * @typedef {object} Norms
 * @property {Float32Array} activations  RMS of what a layer gives
 * @property {Float32Array} outputGradients  RMS of the loss's gradient by that
 * @property {Float32Array} weightGradients  the norm of the loss's gradient by the layer's weights
 */

/** @typedef {{ layers: Layer[], parameters: number, bytes: number }} NetworkFacts */
/** @typedef {{ networks: (NetworkFacts & Norms)[], ms: number }} Signal */
/** @typedef {{ loss: number, accuracy: number, n: number }} Score */

/**
 * @typedef {object} Started
 * @property {NetworkFacts[]} networks
 * @property {number} step
 * @property {number} steps
 * @property {number} train  how many pictures the networks learn from
 * @property {number} held
 * @property {string[]} classes
 */

/**
 * A network's part of a step: loss and accuracy are the batch's. Scores come now and then.
 * @typedef {{ loss: number, accuracy: number, diverged: boolean, learnt: Score | null, held: Score | null }} Learning
 */
/** @typedef {Learning & Norms} NetworkStep */

/** @typedef {{ step: number, steps: number, rate: number, ms: number, networks: NetworkStep[] }} StepReport */
/** @typedef {{ step: number, steps: number, done: boolean, diverged: number[] }} RunResult */
/** @typedef {{ side: number, span: number, losses: Float32Array }} Landscape */
/** @typedef {{ length: number, count: number, gradient: number }} PathGradient */
/** @typedef {import('../../zproto.js').LabFrozen} Frozen */
/** @typedef {{ frozen: Frozen[], scratch: Frozen }} Transfer */
/** @typedef {{ pictures: ImageData[], labels: number[], classes: string[] }} Samples */
/** @typedef {(steps: { done: number, total: number }) => void} OnProgress */
/** @typedef {{ image: Blob, label: number, domain?: number }} Picture */

/**
 * The engine of the lab, as the API has it.
 * @typedef {object} Lab
 * @property {(name: string, pictures: Picture[], options: { classes: string[], domains?: string[] }) => Promise<void>
 *   } addPictures
 * @property {(settings: Settings, options?: { signal?: AbortSignal }) => Promise<Signal>} signal
 * @property {(settings: Settings, options?: { state?: Blob, signal?: AbortSignal }) => Promise<Started>} start
 * @property {(options: { steps?: number, onStep?: (report: StepReport) => void, signal?: AbortSignal }) =>
 *   Promise<RunResult>} run
 * @property {() => void} pause
 * @property {() => Promise<Learning[]>} score
 * @property {() => Promise<Blob>} state
 * @property {(options: { network: number, side?: number, span?: number, onProgress?: OnProgress,
 *   signal?: AbortSignal }) => Promise<Landscape>} landscape
 * @property {(options: { network: number, onProgress?: OnProgress, signal?: AbortSignal }) =>
 *   Promise<PathGradient[]>} paths
 * @property {(options: { network: number, format: 'safetensors' | 'onnx', title: string }) => Promise<File>} export
 * @property {(settings: Settings, options: { from: DataSettings, onProgress?: OnProgress, signal?: AbortSignal }) =>
 *   Promise<Transfer>} transfer
 * @property {(data: DataSettings, options: { count: number, seed?: number, signal?: AbortSignal }) => Promise<Samples>
 *   } samples
 * @property {() => void} close
 */

export {};
